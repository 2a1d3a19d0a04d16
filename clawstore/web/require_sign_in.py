"""A closed instance (SIGN_IN_TO_READ=on): who does not say who they are reads nothing."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from clawstore.web.middleware import refusal_answer, wants_json
from foundation.access.middleware import bearer_of, key_actor, session_actor
from foundation.actor import Actor
from foundation.refusals import Unauthenticated

Next = Callable[[HttpRequest], HttpResponseBase]

# The way in, what a page is made of, the rules of the house, and whether the shop is well.
OPEN = re.compile(
    r"/(?:signin|signout|accounts/.*|about(?:/.*)?|robots\.txt|static/.*|v1/health"
    r"|(?:v1/{1,2})?api/auth/device/(?:code|token))"
)


class ClosedMiddleware:
    """Asks for a credential before any view, so that a new page is closed, too."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if OPEN.fullmatch(request.path_info):
            return self.get_response(request)
        if not _reader(request).is_known:
            return _shown_the_door(request)
        return _for_one_reader(self.get_response(request))


def _reader(request: HttpRequest) -> Actor:
    """A key counts under /v1 alone, as everywhere."""
    if wants_json(request) and (token := bearer_of(request)) is not None:
        return key_actor(request, token, door="api") or Actor()
    return session_actor(request, door="page")


def _shown_the_door(request: HttpRequest) -> HttpResponseBase:
    if wants_json(request) or request.method not in ("GET", "HEAD"):
        return refusal_answer(request, Unauthenticated())
    way_back = urlencode({"next": request.get_full_path()})
    answer = HttpResponseRedirect(f"{settings.LOGIN_URL}?{way_back}")
    answer["Cache-Control"] = "no-store"
    return answer


def _for_one_reader(response: HttpResponseBase) -> HttpResponseBase:
    """What is for everybody in an open shop (a package, a picture) must not lie in a cache that
    strangers share."""
    said = response.headers.get("Cache-Control", "")
    if "public" in said:
        response.headers["Cache-Control"] = said.replace("public", "private")
    return response

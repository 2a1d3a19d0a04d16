"""How a credential comes in through the JSON door. Bearer stands before the session everywhere:
a request with a key is not asked for a CSRF token, one with a cookie always is."""

from django.http import HttpRequest
from ninja.security import APIKeyCookie, HttpBearer
from ninja.utils import check_csrf

from foundation.access.middleware import anonymous_actor, bearer_token, key_actor, session_actor
from foundation.actor import Actor
from foundation.refusals import NotAllowed, Unauthenticated

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class KeyAuth(HttpBearer):
    """``Authorization: Bearer claw_…``."""

    openapi_description = "An API key, or the access token of a device login."

    def authenticate(self, request: HttpRequest, token: str) -> Actor | None:
        return key_actor(request, token, door="api")


class SessionAuth(APIKeyCookie):
    """The web session; unsafe methods need the CSRF token. Never tried when a key was sent."""

    param_name = "sessionid"

    def _get_key(self, request: HttpRequest) -> str | None:
        # Without a cookie there is nothing to forge: that is a 401, not a failed CSRF check.
        if bearer_token(request) is not None or self.param_name not in request.COOKIES:
            return None
        refuse_forged(request)
        return request.COOKIES[self.param_name]

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor | None:
        if key is None:
            return None
        actor = session_actor(request, door="api")
        return actor if actor.is_known else None


def anybody(request: HttpRequest) -> Actor:
    """Public reads: whoever it is, a dead credential being nobody."""
    token = bearer_token(request)
    if token is not None:
        return key_actor(request, token, door="api") or anonymous_actor(request, door="api")
    return _from_cookie(request)


def anybody_alive(request: HttpRequest) -> Actor:
    """Public writes: whoever it is, but who sends a dead key is told so."""
    token = bearer_token(request)
    if token is None:
        return _from_cookie(request)
    actor = key_actor(request, token, door="api")
    if actor is None:
        raise Unauthenticated
    return actor


def _from_cookie(request: HttpRequest) -> Actor:
    if "sessionid" not in request.COOKIES:
        return anonymous_actor(request, door="api")
    refuse_forged(request)
    return session_actor(request, door="api")


def refuse_forged(request: HttpRequest) -> None:
    """The browser sends the cookie along whoever made the page, so a write has to prove its origin:
    by the token in its header. The body stays unread, whoever sends it and however long it is."""
    if request.method in READING:
        return
    # Django would look for the token in the form of a POST first, and swallow the form.
    method, request.method = request.method, "PUT"
    try:
        is_forged = check_csrf(request) is not None
    finally:
        request.method = method
    if is_forged:
        raise NotAllowed("The CSRF token is missing or wrong.", code="csrf_failed")


signed_in = [KeyAuth(), SessionAuth()]
public = [anybody]
public_write = [anybody_alive]

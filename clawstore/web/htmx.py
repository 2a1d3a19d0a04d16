"""Answers to htmx that are a whole page: an error, or the way to sign in.

A view that answers htmx renders a part of a page, which htmx puts where the request came from. A
whole page there would nest one page in another.
"""

from collections.abc import Callable
from typing import TypeGuard

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect

from foundation.web.htmx import is_htmx, replace_main


class HtmxPageMiddleware:
    """Show whole pages in place of the current one, and sign in as a navigation."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not is_htmx(request):
            return response
        if _leads_to_sign_in(response):
            # A browser follows a redirect before htmx sees it, and would put the sign-in page into
            # the part.
            return HttpResponseClientRedirect(response.headers["Location"])
        if _is_error_page(response):
            replace_main(response, scroll_to_top=True)
        # A browser must not show a part of a page when its reader goes back to the address.
        patch_vary_headers(response, ("HX-Request",))
        return response


def _leads_to_sign_in(response: HttpResponseBase) -> bool:
    path = response.headers.get("Location", "").partition("?")[0]
    return response.status_code in (301, 302) and path == resolve_url(settings.LOGIN_URL)


def _is_error_page(response: HttpResponseBase) -> TypeGuard[HttpResponse]:
    if response.status_code < 400 or not isinstance(response, HttpResponse):
        return False
    # A refused form answers with a part of a page and an error status, which stays where it is.
    return b"<!doctype html>" in response.content[:500].lower()

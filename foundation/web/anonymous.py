"""Requests whose response is the same for all users."""

from functools import cache

from django.conf import settings
from django.http import HttpRequest

SHARED_CACHE_CONTROL = "public, max-age=0, must-revalidate"
"""Cache-Control of such a response: any cache may store it and validates it at each use."""


def is_anonymous(request: HttpRequest) -> bool:
    """Whether a request carries nothing that makes its response personal.

    That is a credential, a session or the token of a form. Other cookies change no page.
    """
    return "HTTP_AUTHORIZATION" not in request.META and _personal_cookies().isdisjoint(
        request.COOKIES
    )


@cache
def _personal_cookies() -> frozenset[str]:
    return frozenset({settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME})

"""Which responses are the same for everybody."""

from django.conf import settings
from django.http import HttpRequest

SHARED = "public, max-age=0, must-revalidate"
"""Cache-Control of what is the same for everybody: it may be kept, and is validated at each use."""


def is_anonymous(request: HttpRequest) -> bool:
    """Whether a request carries nothing that makes its response personal.

    That is a credential, a session or the token of a form. Other cookies change no page.
    """
    personal_cookies = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    return "HTTP_AUTHORIZATION" not in request.META and personal_cookies.isdisjoint(request.COOKIES)

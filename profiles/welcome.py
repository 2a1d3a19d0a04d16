"""The page after the first sign-in of an account whose scope is not its login."""

from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse


def welcome_url(onward: str | None) -> str:
    """The address of the page, which then leads to ``onward`` on this site."""
    query = urlencode({"next": onward or settings.LOGIN_REDIRECT_URL})
    return f"{reverse('account_welcome')}?{query}"

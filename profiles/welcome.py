"""The page after the first sign-in of an account whose scope is not its login."""

from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse


def welcome_url(next_address: str | None) -> str:
    """The address of the page, which then leads to ``next_address`` on this site."""
    query = urlencode({"next": next_address or settings.LOGIN_REDIRECT_URL})
    return f"{reverse('account_welcome')}?{query}"

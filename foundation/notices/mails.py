"""Notices as plain-text emails, each with a link to switch its kind off."""

from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from foundation.accounts.models import User
from foundation.notices.actions import send_notice
from foundation.notices.rules import preferences_token


def page_url(name: str, *args: str, **query: str) -> str:
    """Return the absolute URL of a page by the name of its URL pattern."""
    pairs = "&".join(f"{key}={quote(value, safe='')}" for key, value in query.items())
    return f"{settings.BASE_URL}{reverse(name, args=args)}" + (f"?{pairs}" if pairs else "")


def mail_notice(
    user: User, kind: str, *, subject: str, template: str, cause: UUID, **context: object
) -> bool:
    """Render ``mails/<template>.txt`` and email it. Returns whether an email was sent."""
    preferences_url = page_url("notices", **{"for": preferences_token(user)})
    # Every email has a link that stops its kind.
    common = {
        "reader": user,
        "choose_at": preferences_url,
        "instance_name": settings.INSTANCE_NAME,
        "contact": settings.CONTACT_EMAIL,
    }
    # The common values come last, so that no email loses its link by a name of its own.
    text = render_to_string(f"mails/{template}.txt", context | common)
    return send_notice(
        user, kind, subject=subject, text=text, preferences_url=preferences_url, cause=cause
    )

"""A notice as a mail: plain text out of a template, with a way to switch it off at its end."""

from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from foundation.accounts.models import User
from foundation.notices.actions import send_notice
from foundation.notices.rules import token_for


def address_of(name: str, *args: str, **query: str) -> str:
    """The full address of one of our pages, by the name of its URL."""
    asked = "&".join(f"{key}={quote(value, safe='')}" for key, value in query.items())
    return f"{settings.BASE_URL}{reverse(name, args=args)}" + (f"?{asked}" if asked else "")


def tell(
    user: User, kind: str, *, subject: str, template: str, cause: UUID, **said: object
) -> bool:
    """Send ``mails/<template>.txt`` with ``said`` in it. Gives whether a mail went out."""
    choose_at = address_of("notices", **{"for": token_for(user)})
    context = said | {
        "reader": user,
        "choose_at": choose_at,
        "instance_name": settings.INSTANCE_NAME,
        "contact": settings.CONTACT_EMAIL,
    }
    text = render_to_string(f"mails/{template}.txt", context)
    return send_notice(user, kind, subject=subject, text=text, choose_at=choose_at, cause=cause)

"""Sending notices by email, and people's preferences."""

from collections.abc import Collection
from datetime import timedelta
from email.utils import make_msgid
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.notices.models import NoticePreference, SentNotice
from foundation.notices.queries import wants_notice
from foundation.notices.rules import may_be_emailed, notice_kinds

RETENTION = timedelta(days=30)
MAX_SUBJECT_LENGTH = 150


def send_notice(
    user: User, kind: str, *, subject: str, text: str, preferences_url: str, cause: UUID
) -> bool:
    """Email ``text`` unless the user has switched off this kind or cannot be emailed.

    ``cause`` is the id of the job: if it runs again, the email is not sent again, except after a
    crash right after sending. Returns whether an email was sent.
    """
    earlier = SentNotice.objects.filter(cause=cause, user=user, kind=kind)
    if not may_be_emailed(user) or not wants_notice(user.pk, kind) or earlier.exists():
        return False
    # Sent first, recorded second: a second email is better than none.
    _message(user.email, subject, text, preferences_url).send()
    SentNotice.objects.get_or_create(cause=cause, user=user, kind=kind)
    return True


def mail_address(address: str, *, subject: str, text: str) -> None:
    """Email an address that is no user's any more; there are no preferences for it."""
    _message(address, subject, text).send()


def _message(address: str, subject: str, text: str, preferences_url: str = "") -> EmailMessage:
    # Django refuses a subject with a line break, and the email would be lost.
    one_line = " ".join(f"[{settings.INSTANCE_NAME}] {subject}".split())
    # The library would name this machine, which in a container has a random name.
    message_id = make_msgid(domain=urlsplit(settings.BASE_URL).hostname)
    headers = {"Auto-Submitted": "auto-generated", "Message-ID": message_id}
    if preferences_url:
        headers["List-Unsubscribe"] = f"<{preferences_url}>"
    return EmailMessage(
        subject=one_line[:MAX_SUBJECT_LENGTH],
        body=text.strip() + "\n",
        to=[address],
        headers=headers,
    )


@transaction.atomic
def set_notice_preferences(user: User, enabled_kinds: Collection[str], *, by: Actor) -> None:
    """Switch on the enabled kinds of notices and switch off all others."""
    for kind in notice_kinds():
        NoticePreference.objects.update_or_create(
            user=user,
            kind=kind.name,
            defaults={"is_on": kind.name in enabled_kinds, "updated_at": now()},
        )
    names = [kind.name for kind in notice_kinds() if kind.name in enabled_kinds]
    record("notices.chosen", "user", user.username, by=by, wanted=names)


def delete_old_notices() -> int:
    """Delete records of notices sent a month ago: no job runs again so late.

    Returns how many.
    """
    return SentNotice.objects.filter(sent_at__lt=now() - RETENTION).delete()[0]


def delete_notices_of(user: User) -> None:
    """Delete the preferences and records of a user who leaves."""
    NoticePreference.objects.filter(user=user).delete()
    SentNotice.objects.filter(user=user).delete()

"""Telling people, and letting them choose what they are told."""

from collections.abc import Collection
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.notices.models import NoticePreference, SentNotice
from foundation.notices.queries import wants
from foundation.notices.rules import may_be_told, notice_kinds

KEPT_FOR = timedelta(days=30)
LONGEST_SUBJECT = 150


def send_notice(
    user: User, kind: str, *, subject: str, text: str, choose_at: str, cause: UUID
) -> bool:
    """Mail ``text`` to ``user`` unless they do not want this kind or cannot be told.

    ``choose_at`` is the address where they switch it off. ``cause`` is the job's id: however often
    it runs, one person gets one mail, but for a crash in the very moment after sending. Gives
    whether a mail went out.
    """
    sent = SentNotice.objects.filter(cause=cause, user=user, kind=kind)
    if not may_be_told(user) or not wants(user.pk, kind) or sent.exists():
        return False
    # Sent first, noted second: told twice is better than never.
    _mail(user, subject, text, choose_at).send()
    SentNotice.objects.get_or_create(cause=cause, user=user, kind=kind)
    return True


def _mail(user: User, subject: str, text: str, choose_at: str) -> EmailMessage:
    one_line = " ".join(f"[{settings.INSTANCE_NAME}] {subject}".split())
    return EmailMessage(
        subject=one_line[:LONGEST_SUBJECT],
        body=text,
        to=[user.email],
        headers={"List-Unsubscribe": f"<{choose_at}>", "Auto-Submitted": "auto-generated"},
    )


@transaction.atomic
def choose_notices(user: User, wanted: Collection[str], *, by: Actor) -> None:
    """From now on the person is told of the wanted kinds, and of no others."""
    for kind in notice_kinds():
        NoticePreference.objects.update_or_create(
            user=user,
            kind=kind.name,
            defaults={"is_on": kind.name in wanted, "updated_at": now()},
        )
    known = [kind.name for kind in notice_kinds() if kind.name in wanted]
    record("notices.chosen", "user", user.username, by=by, wanted=known)


def forget_sent_notices() -> int:
    """Drop what was noted a month ago: no job runs again that late. Gives how many."""
    return SentNotice.objects.filter(sent_at__lt=now() - KEPT_FOR).delete()[0]


def forget_reader(user: User) -> None:
    """Who leaves takes along what they chose and what they were told."""
    NoticePreference.objects.filter(user=user).delete()
    SentNotice.objects.filter(user=user).delete()

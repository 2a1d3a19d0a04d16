"""Questions about preferences for notices."""

from dataclasses import dataclass
from uuid import UUID

from foundation.accounts.models import User
from foundation.notices.models import NoticePreference
from foundation.notices.rules import NoticeKind, notice_kinds, user_id_of_token


@dataclass(frozen=True, slots=True)
class NoticeChoice:
    kind: NoticeKind
    is_on: bool


def notice_choices(user_id: UUID) -> list[NoticeChoice]:
    """Return every kind of notice and whether the user wants it."""
    rows = NoticePreference.objects.filter(user_id=user_id).values_list("kind", "is_on")
    preferences = dict(rows)
    return [NoticeChoice(kind, preferences.get(kind.name, True)) for kind in notice_kinds()]


def wants_notice(user_id: UUID, kind: str) -> bool:
    refusals = NoticePreference.objects.filter(user_id=user_id, kind=kind, is_on=False)
    return not refusals.exists()


def user_of_token(token: str) -> User | None:
    """Return the user of a preferences link; None if it is forged or they have left."""
    user_id = user_id_of_token(token)
    user: User | None = User.objects.filter(pk=user_id).first() if user_id else None
    # A suspended user cannot sign in, but must be able to stop emails.
    return user if user and (user.is_active or user.is_suspended) else None

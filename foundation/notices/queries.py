"""Questions about notices."""

from dataclasses import dataclass
from uuid import UUID

from foundation.accounts.models import User
from foundation.notices.models import NoticePreference
from foundation.notices.rules import NoticeKind, notice_kinds, user_id_of


@dataclass(frozen=True, slots=True)
class Choice:
    kind: NoticeKind
    is_on: bool


def choices_of(user_id: UUID) -> list[Choice]:
    """Every kind of notice and whether this person wants it."""
    said = dict(NoticePreference.objects.filter(user_id=user_id).values_list("kind", "is_on"))
    return [Choice(kind, said.get(kind.name, True)) for kind in notice_kinds()]


def wants(user_id: UUID, kind: str) -> bool:
    off = NoticePreference.objects.filter(user_id=user_id, kind=kind, is_on=False)
    return not off.exists()


def reader_of(token: str) -> User | None:
    """Who may choose with this link; None where it is forged or its person has left."""
    user_id = user_id_of(token)
    user: User | None = User.objects.filter(pk=user_id).first() if user_id else None
    return user if user and (user.is_active or user.is_suspended) else None

"""The kinds of notices, who can be told, and the link that lets one say no more of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.utils.module_loading import import_string

from foundation.accounts.models import User
from foundation.text.input import read_uuid

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise as StrPromise

SALT = "foundation.notices.preferences"


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """``name`` is stored; ``title`` and ``explanation`` stand beside the box on the page."""

    name: str
    title: "str | StrPromise"
    explanation: "str | StrPromise"


def notice_kinds() -> tuple[NoticeKind, ...]:
    """Every kind there is, in the order of the page: the roof declares them."""
    kinds: Iterable[NoticeKind] = import_string(settings.NOTICE_KINDS)
    return tuple(kinds)


def may_be_told(user: User) -> bool:
    """Has an address, and has not left. Who is suspended still hears what happens to them."""
    return bool(user.email) and (user.is_active or user.is_suspended)


def token_for(user: User) -> str:
    """Stands in the link of every mail: lets its reader choose what to be told, and nothing else,
    without signing in."""
    return signing.dumps(str(user.pk), salt=SALT)


def user_id_of(token: str) -> UUID | None:
    """Whose link it is; None for one that is not ours."""
    try:
        return read_uuid(signing.loads(token, salt=SALT))
    except signing.BadSignature:
        return None

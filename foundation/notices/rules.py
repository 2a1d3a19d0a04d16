"""Kinds of notices, who can be emailed, and the token of the preferences link."""

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

# Part of every link that was mailed: the value must not change.
PREFERENCES_SALT = "foundation.notices.preferences"


@dataclass(frozen=True, slots=True)
class NoticeKind:
    """A kind of notice.

    ``name`` is stored; the texts are the label of the checkbox on the page.
    """

    name: str
    title: "str | StrPromise"
    explanation: "str | StrPromise"


def notice_kinds() -> tuple[NoticeKind, ...]:
    """Return the kinds of ``settings.NOTICE_KINDS``, in the order of the page."""
    kinds: Iterable[NoticeKind] = import_string(settings.NOTICE_KINDS)
    return tuple(kinds)


def may_be_emailed(user: User) -> bool:
    """Whether the user has an address and has not left.

    Suspended users still get notices.
    """
    # GitHub may not tell an address.
    return bool(user.email) and (user.is_active or user.is_suspended)


def preferences_token(user: User) -> str:
    """Return the token in the link of every email.

    It allows its holder to set the user's preferences without signing in, and nothing else.
    """
    return signing.dumps(str(user.pk), salt=PREFERENCES_SALT)


def user_id_of_token(token: str) -> UUID | None:
    """Return the user's id from a `preferences_token`; None if it is forged."""
    try:
        return read_uuid(signing.loads(token, salt=PREFERENCES_SALT))
    except signing.BadSignature:
        return None

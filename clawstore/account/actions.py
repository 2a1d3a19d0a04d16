"""A person across the apps: everything of theirs in one file, and their leaving."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from foundation.access import export as access
from foundation.access.actions import end_all_access
from foundation.accounts import export as accounts
from foundation.accounts.actions import empty_user, lock_user
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit import export as events
from foundation.audit.actions import record
from foundation.clock import iso, now
from foundation.export import PersonalDataPart
from foundation.notices import export as notices
from foundation.notices.actions import forget_reader
from foundation.refusals import NotAllowed
from moderation import export as moderation
from profiles import export as profiles
from profiles.actions import empty_profile
from profiles.errors import AccountIsGone, NotTheLogin
from registry import export as registry
from registry.models import Draft
from reviews import export as reviews

# What each app gives a person who asks for their data.
PERSONAL_DATA: tuple[PersonalDataPart, ...] = (
    *accounts.PERSONAL_DATA,
    *profiles.PERSONAL_DATA,
    *access.PERSONAL_DATA,
    *notices.PERSONAL_DATA,
    *registry.PERSONAL_DATA,
    *reviews.PERSONAL_DATA,
    *moderation.PERSONAL_DATA,
    *events.PERSONAL_DATA,
)

# What each app does with the row that a person left, in their own transaction. A new app that keeps
# something which only its person needs adds itself here.
FORGET: tuple[Callable[[User, Actor], None], ...] = (
    lambda user, by: empty_profile(user),
    lambda user, by: end_all_access(user, by=by),
    lambda user, by: forget_reader(user),
    lambda user, by: forget_drafts(user),
)


def forget_drafts(user: User) -> None:
    """Uploads that nobody will confirm any more; their bytes are orphans, which a sweep removes."""
    Draft.objects.filter(owner_user=user).delete()


@transaction.atomic
def export_account(*, by: Actor) -> Iterator[str]:
    """Everything that the shop keeps of the actor, as the pieces of one JSON document."""
    user = by.require("session")
    record("account.exported", "user", user.username, by=by)
    return _pieces(user.username, [(part.name, part.rows(user.pk)) for part in PERSONAL_DATA])


def _pieces(login: str, parts: list[tuple[str, Iterator[dict[str, Any]]]]) -> Iterator[str]:
    head = {"instance": settings.BASE_URL, "login": login, "exported_at": now()}
    yield _json(head).removesuffix("\n}")
    for name, rows in parts:
        yield f",\n {_json(name)}: ["
        between = "\n"
        for row in rows:
            yield between + _json(row)
            between = ",\n"
        yield "]"
    yield "\n}\n"


def _json(value: Any) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False, indent=1)


def _plain(value: Any) -> str:
    return iso(value) if isinstance(value, datetime) else str(value)


@transaction.atomic
def delete_account(typed_login: str, *, by: Actor) -> str:
    """The actor leaves: all or nothing, and once. Gives the name that their row has from now on.

    What they published stays and points to the emptied row; the scope stays with it, so that
    nobody else gets it and its person, coming back, does.
    """
    user = lock_user(by.require("session").pk)
    if user.is_former:
        raise AccountIsGone
    if not user.is_active:
        raise NotAllowed  # Suspended a moment ago: that is not left by leaving.
    if typed_login.strip().lower().removeprefix("@") != user.username:
        raise NotTheLogin
    empty_user(user)
    for forget in FORGET:
        forget(user, by)
    record("account.deleted", "user", user.username, by=by)
    return user.username

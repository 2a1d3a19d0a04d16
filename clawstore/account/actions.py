"""Data export and deletion of an account, across all apps."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from clawstore.following import export as following
from clawstore.following.actions import delete_follows_of
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
from foundation.notices.actions import delete_notices_of
from foundation.refusals import NotAllowed
from foundation.webhooks import export as webhooks
from foundation.webhooks.actions import switch_off_webhooks
from moderation import export as moderation
from profiles import export as profiles
from profiles.actions import empty_profile
from profiles.errors import AccountIsGone, NotTheLogin
from profiles.queries import scope_of
from registry import export as registry
from registry.provenance.actions import remove_trusted_publishers_of
from registry.publishing.actions import delete_drafts
from registry.transfers.actions import cancel_transfers_of
from reviews import export as reviews
from wordclaw.content import export as content
from wordclaw.feedback import export as feedback
from wordclaw.forms import export as forms
from wordclaw.payments import export as payments
from wordclaw.policy import export as domains
from wordclaw.workflow import export as workflow

# The personal data of each app, in the order of the export.
PERSONAL_DATA: tuple[PersonalDataPart, ...] = (
    *accounts.PERSONAL_DATA,
    *profiles.PERSONAL_DATA,
    *access.PERSONAL_DATA,
    *notices.PERSONAL_DATA,
    *registry.PERSONAL_DATA,
    *reviews.PERSONAL_DATA,
    *domains.PERSONAL_DATA,
    *content.PERSONAL_DATA,
    *workflow.PERSONAL_DATA,
    *forms.PERSONAL_DATA,
    *feedback.PERSONAL_DATA,
    *payments.PERSONAL_DATA,
    *webhooks.PERSONAL_DATA,
    *following.PERSONAL_DATA,
    *moderation.PERSONAL_DATA,
    *events.PERSONAL_DATA,
)

# What each app erases when an account is deleted, in the same transaction. A new app with personal
# data adds its function here.
ERASERS: tuple[Callable[[User, Actor], None], ...] = (
    lambda user, by: empty_profile(user),
    lambda user, by: end_all_access(user, by=by),
    lambda user, by: delete_notices_of(user),
    lambda user, by: delete_follows_of(user),
    lambda user, by: delete_drafts(user.pk),
    lambda user, by: remove_trusted_publishers_of(user.pk),
    lambda user, by: cancel_transfers_of(user.pk),
    lambda user, by: switch_off_webhooks(scope_of(user.pk), by=by),
)


@transaction.atomic
def export_account(*, by: Actor) -> Iterator[str]:
    """All data about the actor, as chunks of one JSON document."""
    user = by.require("session")
    record("account.exported", "user", user.username, by=by)
    return _json_chunks(user.username, [(part.name, part.rows(user.pk)) for part in PERSONAL_DATA])


def _json_chunks(login: str, parts: list[tuple[str, Iterator[dict[str, Any]]]]) -> Iterator[str]:
    head = {"instance": settings.BASE_URL, "login": login, "exported_at": now()}
    # In chunks, because the export of an active author has many megabytes.
    yield _json(head).removesuffix("\n}")
    for name, rows in parts:
        yield f",\n {_json(name)}: ["
        separator = "\n"
        for row in rows:
            yield separator + _json(row)
            separator = ",\n"
        yield "]"
    yield "\n}\n"


def _json(value: Any) -> str:
    return json.dumps(value, default=_plain, ensure_ascii=False, indent=1)


def _plain(value: Any) -> str:
    return iso(value) if isinstance(value, datetime) else str(value)


@transaction.atomic
def delete_account(typed_login: str, *, by: Actor) -> str:
    """Delete the actor's account; return the new name of its emptied row.

    Published agents and the scope stay with the row, so no other user gets the scope, and a
    returning person gets it back. Raises AccountIsGone, NotAllowed or NotTheLogin.
    """
    # Locked, so that a suspension or a second deletion waits.
    user = lock_user(by.require("session").pk)
    if user.is_former:
        raise AccountIsGone
    if not user.is_active:
        raise NotAllowed  # Deleting the account must not lift a suspension.
    if typed_login.strip().lower().removeprefix("@") != user.username:
        raise NotTheLogin
    # First, so that the erasers work on a row without access.
    empty_user(user)
    for erase in ERASERS:
        erase(user, by)
    record("account.deleted", "user", user.username, by=by)
    return user.username

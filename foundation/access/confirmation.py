"""Checks again, before a change is stored, that the credential is still valid."""

from functools import cache
from typing import TYPE_CHECKING, TypeVar

from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import DateTimeField, Model, UUIDField

from foundation.access.models import ApiKey
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import now
from foundation.compiled_query import CompiledQuery, Parameter
from foundation.refusals import Unauthenticated

if TYPE_CHECKING:
    from django.db.models import QuerySet

M = TypeVar("M", bound=Model)


def confirm_credential(by: Actor) -> None:
    """Raise Unauthenticated if the actor's credential has ended meanwhile.

    Inside a transaction it locks the user, so that a suspension waits for the transaction's end,
    and so do other uploads of the user. It locks the key or the session for the same reason.
    """
    if by.user_id is None:
        return
    # The user before the key, the order of a suspension, so that the two cannot wait for each
    # other.
    is_locked = connection.in_atomic_block
    users = _active_user_query(is_locked).tuples(user=by.user_id)
    if not users or not _credential_lasts(by, users[0][0], is_locked=is_locked):
        raise Unauthenticated(
            "The credential was revoked, the session ended or the account suspended while the"
            " request ran. Nothing was stored."
        )


def _credential_lasts(by: Actor, password: str, *, is_locked: bool) -> bool:
    if by.key_id is not None:
        return bool(_key_in_use_query(is_locked).tuples(key=by.key_id, moment=now()))
    if not by.session_key:
        return True
    # A changed password ends all sessions, although their rows stay.
    is_same_password = password == getattr(by.user, "password", password)
    sessions = Session.objects.filter(session_key=by.session_key, expire_date__gt=now())
    return is_same_password and _locked(sessions, is_locked).first() is not None


@cache
def _active_user_query(is_locked: bool) -> CompiledQuery:
    users = User.objects.filter(pk=Parameter("user", UUIDField()), is_active=True)
    return CompiledQuery(_locked(users, is_locked).values("password"))


@cache
def _key_in_use_query(is_locked: bool) -> CompiledQuery:
    keys = ApiKey.objects.active(Parameter("moment", DateTimeField()))
    keys = keys.filter(pk=Parameter("key", UUIDField()))
    return CompiledQuery(_locked(keys, is_locked).values("pk"))


def _locked(rows: "QuerySet[M]", is_locked: bool) -> "QuerySet[M]":
    """Returns the rows, locked if a transaction is open."""
    return rows.select_for_update(no_key=True) if is_locked else rows

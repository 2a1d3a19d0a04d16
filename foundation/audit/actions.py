"""Recording events and enqueueing the jobs that follow them."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from foundation.actor import Actor
from foundation.audit.models import AuditLog
from foundation.compiled_insert import CompiledInsert
from foundation.jobs.actions import enqueue_all

ADD_EVENT = CompiledInsert(AuditLog)
_reactions_enabled: ContextVar[bool] = ContextVar("reactions_enabled", default=True)


class NotInTransaction(RuntimeError):
    """A programming error: the event could survive a rolled-back change."""


def record(
    action: str, entity_type: str, entity_id: str, *, by: Actor, tenant: str = "", **details: Any
) -> AuditLog:
    """Add an audit row and one job for each reaction to ``action``.

    ``tenant`` names the tenant whose members may read the row; "" is none.

    Raises NotInTransaction: event, jobs and the change itself are committed together.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction(action)
    event = AuditLog(
        action=action,
        entity_type=entity_type,
        entity_id=entity_id,
        tenant=tenant,
        details=details,
        user_id=by.user_id,
        api_key_id=by.key_id,
        door=by.door,
        address_hash=by.address_hash,
        request_id=by.request_id,
    )
    ADD_EVENT.add(event)
    if _reactions_enabled.get():
        enqueue_all(reactions_to(action), {"event": str(event.pk)}, queue="reactions")
    return event


def reactions_to(action: str) -> tuple[str, ...]:
    """Return the names of the jobs that ``settings.REACTIONS`` lists for ``action``."""
    reactions: dict[str, tuple[str, ...]] = import_string(settings.REACTIONS)
    return reactions.get(action, ())


@contextmanager
def without_reactions() -> Iterator[None]:
    """Record events without jobs inside the block: a demo must not send emails."""
    token = _reactions_enabled.set(False)
    try:
        yield
    finally:
        _reactions_enabled.reset(token)

"""Writing down what happened, and what has to follow."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.module_loading import import_string

from foundation.actor import Actor
from foundation.events.jobs import enqueue
from foundation.events.models import AuditLog

_follows: ContextVar[bool] = ContextVar("follows", default=True)


class NotInTransaction(RuntimeError):
    """A bug in the caller: an event outside its transaction could survive a rolled-back change."""


def record(action: str, entity_type: str, entity_id: str, *, by: Actor, **details: Any) -> AuditLog:
    """Add one row to the audit log, inside the transaction of the change itself, and one job for
    each reaction that the roof declares for this action."""
    if not connection.in_atomic_block:
        raise NotInTransaction(action)
    event: AuditLog = AuditLog.objects.create(
        action=action,
        entity_type=entity_type,
        entity_id=entity_id,
        details=details,
        user_id=by.user_id,
        api_key_id=by.key_id,
        door=by.door,
        address_hash=by.address_hash,
        request_id=by.request_id,
    )
    for kind in reactions_to(action) if _follows.get() else ():
        enqueue(kind, {"event": str(event.pk)}, queue="reactions")
    return event


def reactions_to(action: str) -> tuple[str, ...]:
    """The dotted names of what follows an action."""
    declared: dict[str, tuple[str, ...]] = import_string(settings.REACTIONS)
    return declared.get(action, ())


@contextmanager
def nothing_follows() -> Iterator[None]:
    """Inside it events are written down and have no reactions: nobody is mailed about a demo."""
    token = _follows.set(False)
    try:
        yield
    finally:
        _follows.reset(token)

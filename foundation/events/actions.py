"""Writing down what happened."""

from typing import Any

from django.db import connection

from foundation.actor import Actor
from foundation.events.models import AuditLog


class NotInTransaction(RuntimeError):
    """A bug in the caller: an event outside its transaction could survive a rolled-back change."""


def record(action: str, entity_type: str, entity_id: str, *, by: Actor, **details: Any) -> AuditLog:
    """Add one row to the audit log, inside the transaction of the change itself."""
    if not connection.in_atomic_block:
        raise NotInTransaction(action)
    return AuditLog.objects.create(
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

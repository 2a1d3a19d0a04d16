"""The audit log.

Its columns are those of ``audit_logs`` in the data model, plus user and door.
"""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from foundation.clock import now
from foundation.immutable import AppendOnly, AppendOnlyQuerySet


class AuditLog(AppendOnly):
    """One event, written in the transaction of the change that it records."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    action = models.CharField(max_length=64, help_text="In the past tense: version.published")
    entity_type = models.CharField(max_length=32)
    # The longest id is a version's: scope and name of 64 each, a number of 128, three separators.
    entity_id = models.CharField(max_length=300, help_text="As people write it: @scope/name@1.0.0")
    tenant = models.CharField(
        max_length=64, blank=True, help_text="The tenant whose members may read it, or empty"
    )
    details = models.JSONField(default=dict)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="audit_logs"
    )
    # The data model calls this column userId. No foreign key: keys belong to an app above this one.
    api_key_id = models.UUIDField(null=True)
    door = models.CharField(max_length=16, help_text="page, api, admin, command, link or system")
    address_hash = models.CharField(max_length=64, blank=True)
    request_id = models.CharField(max_length=64, blank=True, db_index=True)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = AppendOnlyQuerySet["AuditLog"].as_manager()

    class Meta:
        db_table = "audit_logs"
        base_manager_name = "objects"
        indexes = [
            models.Index(fields=["-created_at", "id"], name="audit_newest_first"),
            models.Index(fields=["entity_type", "entity_id"], name="audit_by_entity"),
            models.Index(fields=["action", "-created_at"], name="audit_by_action"),
            models.Index(
                fields=["tenant", "-created_at", "id"],
                name="audit_of_a_tenant",
                condition=~models.Q(tenant=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.entity_id}"

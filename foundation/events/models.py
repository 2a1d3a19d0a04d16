"""The audit log: who did what, on what, through which door. Fields of the data model's
``audit_logs``, with the actor's user, the door and the address beside the API key."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from foundation.clock import now
from foundation.immutable import AppendOnly, AppendOnlyQuerySet


class AuditLog(AppendOnly):
    """One thing that happened, written in the transaction that made it happen."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    action = models.CharField(max_length=64, help_text="In the past tense: version.published")
    entity_type = models.CharField(max_length=32)
    entity_id = models.CharField(
        max_length=255, help_text="As a person names it: @scope/name@1.0.0"
    )
    details = models.JSONField(default=dict)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="audit_logs"
    )
    # The document's userId is the API key that acted; ours says so by its name.
    api_key = models.ForeignKey(
        "access.ApiKey", models.PROTECT, null=True, related_name="audit_logs"
    )
    door = models.CharField(max_length=16)
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
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.entity_id}"

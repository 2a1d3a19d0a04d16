"""The order in which a mirror hears of what happened."""

from typing import ClassVar

from django.db import models

from foundation.events.models import AuditLog
from foundation.immutable import AppendOnly, AppendOnlyQuerySet


class Change(AppendOnly):
    """One public event and its place. Places are given after the event is committed, one numbering
    at a time, so no row ever appears before one that was handed out already."""

    position = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(AuditLog, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=64)
    full_id = models.CharField(max_length=140)
    version = models.CharField(max_length=128, blank=True)
    happened_at = models.DateTimeField()

    objects: ClassVar = AppendOnlyQuerySet["Change"].as_manager()

    class Meta:
        db_table = "changes"
        base_manager_name = "objects"

    def __str__(self) -> str:
        return f"{self.position} {self.kind} {self.full_id}"

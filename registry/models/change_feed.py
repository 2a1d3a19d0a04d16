"""The change feed: public events in an order that mirrors can follow."""

from typing import ClassVar

from django.db import models

from foundation.audit.models import AuditLog
from foundation.immutable import AppendOnly, AppendOnlyQuerySet


class FeedEntry(AppendOnly):
    """A public event at its position in the change feed.

    Positions are assigned after the event is committed and one process at a time, so no entry
    appears before a position that a mirror may have read (ADR 10).
    """

    position = models.BigIntegerField(primary_key=True)
    event = models.OneToOneField(AuditLog, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=64)
    full_id = models.CharField(max_length=140)
    version = models.CharField(max_length=128, blank=True)
    happened_at = models.DateTimeField()

    objects: ClassVar = AppendOnlyQuerySet["FeedEntry"].as_manager()

    class Meta:
        db_table = "changes"
        base_manager_name = "objects"

    def __str__(self) -> str:
        return f"{self.position} {self.kind} {self.full_id}"

"""Counters of the limits that are exact across processes."""

from django.db import models


class LimitCounter(models.Model):
    """Uses by one caller in one window; ``key`` names limit, caller and window."""

    key = models.CharField(primary_key=True, max_length=160)
    count = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "limit_counters"

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"

"""Downloads by version and day, and the visitors of today."""

from datetime import date
from typing import ClassVar, Self

from django.db import models

from registry.models.agents import Agent
from registry.models.versions import Version


class DownloadDayQuerySet(models.QuerySet["DownloadDay"]):
    def since(self, day: date) -> Self:
        """From this day on, the day itself included."""
        return self.filter(day__gte=day)

    def of_agent(self, agent_id: object) -> Self:
        return self.filter(version__agent=agent_id)


class DownloadDay(models.Model):
    """Counts of one version on one day (UTC); see `registry.downloads.metrics`.

    ``versions.download_count`` is separate: the raw count since the first publish.
    """

    pk = models.CompositePrimaryKey("version_id", "day")
    version = models.ForeignKey(Version, models.PROTECT, related_name="download_days")
    day = models.DateField()
    fetches = models.PositiveIntegerField(default=0)
    downloads = models.PositiveIntegerField(default=0)
    networks = models.PositiveIntegerField(default=0)
    signed_in = models.PositiveIntegerField(default=0)

    objects: ClassVar = DownloadDayQuerySet.as_manager()

    class Meta:
        db_table = "download_days"
        indexes = [models.Index(fields=["day"], name="download_days_by_day")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.day}"


class DownloadSeen(models.Model):
    """A visitor who was counted today.

    The key is a digest of day, version and visitor, so two rows cannot be linked to one person.
    Rows are deleted when the day ends.
    """

    key = models.CharField(primary_key=True, max_length=64)
    day = models.DateField(db_index=True)

    class Meta:
        db_table = "download_seen"

    def __str__(self) -> str:
        return self.key


class NetworkSketch(models.Model):
    """A HyperLogLog sketch of the networks that downloaded an agent on a day.

    Days can be merged; no network can be recovered.
    """

    pk = models.CompositePrimaryKey("agent_id", "day")
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="network_sketches")
    day = models.DateField()
    registers = models.TextField()

    class Meta:
        db_table = "network_sketches"
        indexes = [models.Index(fields=["day"], name="network_sketches_by_day")]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.day}"

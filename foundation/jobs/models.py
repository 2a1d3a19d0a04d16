"""Jobs."""

import uuid
from typing import ClassVar

from django.db import models

from foundation.clock import now


class JobQuerySet(models.QuerySet["Job"]):
    def due(self) -> "JobQuerySet":
        """What may be claimed now: waiting, or held by a worker whose lease has run out."""
        unfinished = [Job.Status.QUEUED, Job.Status.RUNNING]
        return self.filter(status__in=unfinished, run_at__lte=now())


class Job(models.Model):
    """Something that must still happen: the outbox. Fields of the data model's ``jobs``.

    ``kind`` is the dotted name of the function that does it. While a job runs, ``run_at`` is the
    end of its worker's lease: a job that a crash left behind becomes due by itself.
    """

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=128)
    queue = models.CharField(max_length=32, default="default")
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    payload = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Number of attempts")
    max_attempts = models.PositiveSmallIntegerField(default=8)
    run_at = models.DateTimeField(default=now, help_text="Not run before")
    claimed_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    objects: ClassVar = JobQuerySet.as_manager()

    class Meta:
        db_table = "jobs"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    status__in=["queued", "running", "succeeded", "failed", "cancelled"]
                ),
                name="job_status_is_known",
            )
        ]
        indexes = [models.Index(fields=["status", "run_at"], name="jobs_that_are_due")]

    def __str__(self) -> str:
        return f"{self.kind} ({self.status})"

"""Jobs and the state of schedules.

The columns of ``jobs`` are those of the data model.
"""

import uuid
from typing import ClassVar

from django.db import models

from foundation.clock import now


class JobQuerySet(models.QuerySet["Job"]):
    def due(self) -> "JobQuerySet":
        """Jobs to claim: queued ones, and running ones whose lease has ended."""
        unfinished_states = [Job.Status.QUEUED, Job.Status.RUNNING]
        return self.filter(status__in=unfinished_states, run_at__lte=now())

    def unfinished(self) -> "JobQuerySet":
        return self.filter(status__in=[Job.Status.QUEUED, Job.Status.RUNNING])


class JobStatus(models.TextChoices):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(models.Model):
    """Work to be done after a commit.

    ``kind`` is a registered name (see `foundation.jobs.registry`). While a job runs, ``run_at`` is
    the end of the worker's lease, so the job of a killed worker becomes due by itself.
    """

    Status = JobStatus

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=128)
    queue = models.CharField(max_length=32, default="default")
    tenant = models.CharField(
        max_length=64, blank=True, help_text="The tenant whose members may see it, or empty"
    )
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    payload = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="How often it was claimed")
    max_attempts = models.PositiveSmallIntegerField(default=8)
    run_at = models.DateTimeField(default=now, help_text="When it is due; the lease while it runs")
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
                condition=models.Q(status__in=JobStatus.values),
                name="job_status_is_known",
            )
        ]
        indexes = [
            models.Index(fields=["status", "run_at"], name="jobs_that_are_due"),
            # The workers of one queue must not read past the waiting jobs of all others.
            models.Index(fields=["queue", "status", "run_at"], name="jobs_of_a_queue"),
            models.Index(
                fields=["tenant", "-created_at", "id"],
                name="jobs_of_a_tenant",
                condition=~models.Q(tenant=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} ({self.status})"


class JobSchedule(models.Model):
    """When a scheduled job is due next.

    One row for each job of ``settings.SCHEDULES``. The worker that moves ``next_run_at``
    forward enqueues the job, so several workers enqueue it once.
    """

    # The name is the key: a schedule exists once.
    kind = models.CharField(primary_key=True, max_length=128)
    next_run_at = models.DateTimeField()
    last_run_at = models.DateTimeField(null=True, help_text="When it was enqueued last")

    objects: ClassVar = models.Manager["JobSchedule"]()

    class Meta:
        db_table = "job_schedules"

    def __str__(self) -> str:
        return f"{self.kind} at {self.next_run_at:%Y-%m-%d %H:%M}"


class JobDuration(models.Model):
    """How many runs of a job there were, and how long they took together.

    The rows of jobs are deleted some day; these sums only grow, as metrics require.
    """

    kind = models.CharField(max_length=128)
    outcome = models.CharField(max_length=10, help_text="succeeded, retried or failed")
    run_count = models.BigIntegerField(default=0)
    seconds = models.FloatField(default=0)

    objects: ClassVar = models.Manager["JobDuration"]()

    class Meta:
        db_table = "job_durations"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "outcome"], name="one_duration_per_job_name_and_outcome"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.outcome}: {self.run_count}"

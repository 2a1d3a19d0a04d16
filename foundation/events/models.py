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
    # The longest is a version: a scope and a name of 64 each, a number of 128, and three marks.
    entity_id = models.CharField(max_length=300, help_text="As people write it: @scope/name@1.0.0")
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

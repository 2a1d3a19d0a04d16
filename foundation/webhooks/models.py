"""Webhooks, the messages that they are sent, and the queue of each host."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from foundation.clock import now

URL_LENGTH = 2000
HOST_LENGTH = 262


class Webhook(models.Model):
    """An address that is sent the events of a tenant.

    ``about`` limits it to events about one thing, such as one form. Both secrets are encrypted.
    ``failing_since`` is the first failure after the last success.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    tenant = models.CharField(max_length=64)
    url = models.CharField(max_length=URL_LENGTH)
    events = models.JSONField(default=list, help_text="Patterns: version.published, version.*, *")
    about = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)
    secret = models.TextField(blank=True)
    former_secret = models.TextField(blank=True)
    former_secret_until = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    disabled_at = models.DateTimeField(null=True, help_text="When it was switched off by failures")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["Webhook"]()

    class Meta:
        db_table = "webhooks"
        indexes = [models.Index(fields=["tenant", "created_at", "id"], name="webhooks_of_a_tenant")]

    def __str__(self) -> str:
        return self.url


class WebhookLane(models.Model):
    """The queue of one host for one tenant, with its circuit breaker.

    Only one job at a time sends to a lane: the one that holds it. While ``open_until`` is in the
    future, nothing is sent. ``job_id`` is the job that is queued for the lane.
    """

    id = models.BigAutoField(primary_key=True)
    tenant = models.CharField(max_length=64)
    host = models.CharField(max_length=HOST_LENGTH, help_text="With its port")
    failure_count = models.PositiveIntegerField(default=0, help_text="Without answer, in a row")
    open_until = models.DateTimeField(null=True)
    job_id = models.UUIDField(null=True)
    held_by = models.UUIDField(null=True)
    held_until = models.DateTimeField(null=True)

    objects: ClassVar = models.Manager["WebhookLane"]()

    class Meta:
        db_table = "webhook_lanes"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "host"], name="one_lane_per_tenant_and_host")
        ]

    def __str__(self) -> str:
        return f"{self.tenant} {self.host}"


class DeliveryStatus(models.TextChoices):
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class WebhookDelivery(models.Model):
    """One message to one webhook, with the last answer.

    ``next_attempt_at`` is when it is due; while a worker sends it, the end of the worker's lease.
    A repetition has the ``message_id`` of the first delivery, and a row of its own.
    """

    Status = DeliveryStatus

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    lane = models.ForeignKey(WebhookLane, models.PROTECT, related_name="+")
    message_id = models.CharField(max_length=80)
    event = models.CharField(max_length=64)
    body = models.TextField()
    is_repeat = models.BooleanField(default=False)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=now)
    response_status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True, help_text="The first 2 kB of the last answer")
    error = models.CharField(max_length=200, blank=True)
    duration_ms = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(default=now)
    completed_at = models.DateTimeField(null=True)

    objects: ClassVar = models.Manager["WebhookDelivery"]()

    class Meta:
        db_table = "webhook_deliveries"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=DeliveryStatus.values), name="delivery_status_is_known"
            ),
            # A job that runs again makes no second delivery of the same message.
            models.UniqueConstraint(
                fields=["webhook", "message_id"],
                condition=Q(is_repeat=False),
                name="one_delivery_per_webhook_and_message",
            ),
        ]
        indexes = [
            models.Index(fields=["webhook", "-created_at", "id"], name="deliveries_newest_first"),
            models.Index(
                fields=["lane", "next_attempt_at", "id"],
                name="deliveries_that_wait",
                condition=Q(status="pending"),
            ),
            models.Index(fields=["completed_at"], name="deliveries_by_their_end"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.status}"

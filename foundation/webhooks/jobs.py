"""Telling webhooks of events, sending, and clean-up."""

from collections.abc import Callable, Iterable

from django.conf import settings
from django.utils.module_loading import import_string

from foundation.audit.models import AuditLog
from foundation.audit.queries import event_of_job
from foundation.jobs.models import Job
from foundation.jobs.registry import job
from foundation.webhooks.actions import emit
from foundation.webhooks.delivery import (
    DELIVER,
    delete_old_deliveries,
    run_lane,
    wake_forgotten_lanes,
)
from foundation.webhooks.rules import Message


@job("webhooks.emit")
def emit_event(job: Job) -> int:
    """Tell the webhooks of an event, in the words of the product."""
    messages_of: Callable[[AuditLog], Iterable[Message]] = import_string(settings.WEBHOOK_MESSAGES)
    return emit(messages_of(event_of_job(job)))


@job(DELIVER)
def deliver(job: Job) -> dict[str, int]:
    return run_lane(job.payload["lane"], holder=job.pk)


@job("webhooks.wake_forgotten")
def wake_forgotten(_job: Job) -> int:
    return wake_forgotten_lanes()


@job("webhooks.delete_old_deliveries")
def delete_old(_job: Job) -> int:
    return delete_old_deliveries()

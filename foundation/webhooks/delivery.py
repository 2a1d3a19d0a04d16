"""Sending what waits, host by host.

Each host of a tenant is a lane with one job at a time. A host that does not answer opens its
circuit breaker: nothing is sent to it for a while, then a single message. So a dead host costs one
attempt for each interval, however many messages wait for it.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils.module_loading import import_string

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.jobs.actions import enqueue
from foundation.jobs.models import Job, JobStatus
from foundation.text.input import read_uuid
from foundation.webhooks.models import DeliveryStatus, Webhook, WebhookDelivery, WebhookLane
from foundation.webhooks.queries import secrets_of
from foundation.webhooks.rules import (
    FAILURES_THAT_OPEN,
    GIVING_UP_AFTER,
    RETENTION,
    opening_time,
    retry_delay,
)
from foundation.webhooks.sender import Attempt, post_message
from foundation.webhooks.signing import sign_message
from foundation.webhooks.targets import read_target

# Stored with every waiting job: a new name would leave those without a function.
DELIVER = "webhooks.deliver"
QUEUE = "webhooks"
# An attempt takes ten seconds at most; a killed worker's delivery is due after this time.
LEASE = timedelta(seconds=60)
# Then other lanes get their turn. Less than the lease by more than one attempt.
TURN_SECONDS = 20.0
# A tenant with so many slow hosts at once waits with the others, because the threads of the worker
# belong to all tenants.
MAX_SLOW_LANES = 2
SLOW_AFTER = timedelta(seconds=2)
CROWDED_PAUSE = timedelta(seconds=30)
USER_AGENT = "Clawstore-Webhooks/1"
UNREADABLE = "The secret cannot be read, as after a move of the shop. Rotate it."
log = logging.getLogger("clawstore.webhooks")


def lane_of(webhook: Webhook) -> WebhookLane:
    """Return the queue of a webhook's host."""
    host = read_target(webhook.url).host_and_port
    lane, _ = WebhookLane.objects.get_or_create(tenant=webhook.tenant, host=host)
    return lane


@transaction.atomic
def wake_lane(lane_id: int, moment: datetime) -> None:
    """Queue a job for the lane, due at ``moment`` or before, unless one is queued."""
    lane = WebhookLane.objects.select_for_update().get(pk=lane_id)
    # While the breaker is open, a job would find nothing to do.
    moment = max(moment, lane.open_until) if lane.open_until else moment
    queued = Job.objects.filter(pk=read_uuid(lane.job_id), status=JobStatus.QUEUED)
    if queued.filter(run_at__lte=moment).exists() or queued.update(run_at=moment):
        return
    payload = {"lane": lane.pk, "host": lane.host}
    job = enqueue(DELIVER, payload, queue=QUEUE, run_at=moment, tenant=lane.tenant)
    WebhookLane.objects.filter(pk=lane.pk).update(job_id=job.pk)


def send_at_once(lane_id: int) -> None:
    """Wake a lane although its breaker is open: a person has asked for a message."""
    # The count of failures stays, so a further one opens it again.
    WebhookLane.objects.filter(pk=lane_id).update(open_until=None)
    wake_lane(lane_id, now())


def is_paused(tenant: str) -> bool:
    """Whether the webhooks of a tenant rest, as while no person may manage them."""
    rule: Callable[[str], bool] = import_string(settings.WEBHOOKS_PAUSED)
    return rule(tenant)


def run_lane(lane_id: int, *, holder: UUID) -> dict[str, int]:
    """Send what is due for one host, for 20 seconds at most.

    ``holder`` is the ID of the job.
    """
    if is_paused(WebhookLane.objects.values_list("tenant", flat=True).get(pk=lane_id)):
        # The hourly job wakes the lane while something waits.
        return {}
    if _is_crowded(lane_id):
        wake_lane(lane_id, now() + CROWDED_PAUSE)
        return {}
    if not _hold_lane(lane_id, holder):
        # The job that holds the lane looks again after it has let go.
        return {}
    counts = {"succeeded": 0, "failed": 0}
    end = monotonic() + TURN_SECONDS
    try:
        while monotonic() < end:
            delivery = None if _is_open(lane_id) else claim_delivery(lane_id)
            if delivery is None:
                break
            counts["succeeded" if attempt(delivery) else "failed"] += 1
    finally:
        WebhookLane.objects.filter(pk=lane_id, held_by=holder).update(held_by=None, held_until=None)
    _wake_for_the_rest(lane_id)
    return counts


def _is_crowded(lane_id: int) -> bool:
    """Whether slow hosts of the lane's tenant have as many threads as they may."""
    tenant = WebhookLane.objects.values_list("tenant", flat=True).get(pk=lane_id)
    # `held_until` is the start and a lease.
    end = now() + LEASE - SLOW_AFTER
    held_lanes = WebhookLane.objects.filter(tenant=tenant, held_until__range=(now(), end))
    return held_lanes.exclude(pk=lane_id).count() >= MAX_SLOW_LANES


def _hold_lane(lane_id: int, holder: UUID) -> bool:
    # The job of a killed worker runs again under the same ID and must not wait for itself.
    is_free = Q(held_by=None) | Q(held_until__lt=now()) | Q(held_by=holder)
    rows = WebhookLane.objects.filter(is_free, pk=lane_id)
    return rows.update(held_by=holder, held_until=now() + LEASE) == 1


def _is_open(lane_id: int) -> bool:
    return WebhookLane.objects.filter(pk=lane_id, open_until__gt=now()).exists()


def _wake_for_the_rest(lane_id: int) -> None:
    rows = WebhookDelivery.objects.filter(lane_id=lane_id, status=DeliveryStatus.PENDING)
    first = rows.order_by("next_attempt_at").values_list("next_attempt_at", flat=True).first()
    if first is not None:
        wake_lane(lane_id, max(first, now()))


def wake_forgotten_lanes() -> int:
    """Queue jobs for lanes that lost theirs, as by a cancelled job; return how many."""
    rows = WebhookDelivery.objects.filter(
        status=DeliveryStatus.PENDING, next_attempt_at__lt=now() - LEASE
    )
    lane_ids = list(rows.order_by().values_list("lane_id", flat=True).distinct())
    for lane_id in lane_ids:
        wake_lane(lane_id, now())
    return len(lane_ids)


def claim_delivery(lane_id: int) -> WebhookDelivery | None:
    """Return the due delivery that waits longest, leased to the caller, or None."""
    due = WebhookDelivery.objects.filter(
        lane_id=lane_id, status=DeliveryStatus.PENDING, next_attempt_at__lte=now()
    )
    delivery = due.select_related("webhook").order_by("next_attempt_at", "id").first()
    if delivery is None:
        return None
    lease = now() + LEASE
    # Only one worker changes the row from its former value.
    is_first = WebhookDelivery.objects.filter(
        pk=delivery.pk,
        status=DeliveryStatus.PENDING,
        next_attempt_at=delivery.next_attempt_at,
        attempts=delivery.attempts,
    ).update(next_attempt_at=lease, attempts=F("attempts") + 1)
    if not is_first:
        return claim_delivery(lane_id)
    delivery.next_attempt_at, delivery.attempts = lease, delivery.attempts + 1
    return delivery


def attempt(delivery: WebhookDelivery) -> bool:
    """Send a claimed delivery and record the outcome. Returns whether it succeeded."""
    outcome = _send(delivery)
    # Webhook, delivery, lane: the actions lock in this order, too, and would otherwise deadlock.
    with transaction.atomic():
        _record_webhook(delivery.webhook, outcome)
        _record_outcome(delivery, outcome)
        _record_host(delivery.lane_id, outcome)
    return outcome.is_success


def _send(delivery: WebhookDelivery) -> Attempt:
    secrets, body = secrets_of(delivery.webhook), delivery.body.encode()
    if not secrets:
        return Attempt(None, "", UNREADABLE, 0)
    # The time of the attempt: receivers refuse what is older than five minutes.
    timestamp = int(now().timestamp())
    headers = sign_message(secrets, delivery.message_id, timestamp, body)
    headers |= {"Content-Type": "application/json", "User-Agent": USER_AGENT}
    return post_message(delivery.webhook.url, body, headers)


def _record_host(lane_id: int, outcome: Attempt) -> None:
    lane = WebhookLane.objects.select_for_update().get(pk=lane_id)
    if not outcome.is_outage:
        # Any answer, a refusal too, shows that the host is there.
        WebhookLane.objects.filter(pk=lane_id).update(failure_count=0, open_until=None)
        return
    failures = lane.failure_count + 1
    is_open = failures >= FAILURES_THAT_OPEN
    open_until = now() + opening_time(failures) if is_open else None
    WebhookLane.objects.filter(pk=lane_id).update(failure_count=failures, open_until=open_until)


def _record_outcome(delivery: WebhookDelivery, outcome: Attempt) -> None:
    moment = now()
    is_last = moment - delivery.created_at >= GIVING_UP_AFTER
    columns: dict[str, object] = {"status": DeliveryStatus.PENDING}
    if outcome.is_success or is_last:
        status = DeliveryStatus.SUCCEEDED if outcome.is_success else DeliveryStatus.FAILED
        columns = {"status": status, "completed_at": moment}
    else:
        columns["next_attempt_at"] = moment + retry_delay(delivery.attempts)
    # If the lease ended, another worker may have claimed it: its outcome counts.
    claim = WebhookDelivery.objects.filter(
        pk=delivery.pk, status=DeliveryStatus.PENDING, attempts=delivery.attempts
    )
    claim.update(
        response_status=outcome.status,
        answer=outcome.answer,
        error=outcome.error,
        duration_ms=outcome.duration_ms,
        **columns,
    )


def _record_webhook(webhook: Webhook, outcome: Attempt) -> None:
    rows = Webhook.objects.filter(pk=webhook.pk)
    if outcome.is_success:
        rows.exclude(failing_since=None).update(failing_since=None)
        return
    rows.filter(failing_since=None).update(failing_since=now())
    too_long = rows.filter(is_active=True, failing_since__lte=now() - GIVING_UP_AFTER)
    if too_long.update(is_active=False, disabled_at=now(), version=F("version") + 1):
        _disable(webhook)


def _disable(webhook: Webhook) -> None:
    """Give up the pending deliveries of a webhook that failed for too long."""
    rows = WebhookDelivery.objects.filter(webhook=webhook, status=DeliveryStatus.PENDING)
    reason = f"The webhook was switched off after {GIVING_UP_AFTER.days} days of failures."
    rows.update(status=DeliveryStatus.FAILED, error=reason, completed_at=now())
    host = read_target(webhook.url).host
    record(
        "webhook.disabled", "webhook", str(webhook.pk), by=Actor(), tenant=webhook.tenant, host=host
    )
    log.warning("The webhook %s of %s failed for too long", webhook.pk, webhook.tenant)


def delete_old_deliveries() -> int:
    """Delete deliveries that ended a month ago. Returns how many."""
    old = WebhookDelivery.objects.filter(completed_at__lt=now() - RETENTION)
    deleted_count: int = old.delete()[0]
    _delete_idle_lanes()
    return deleted_count


def _delete_idle_lanes() -> None:
    """Delete the queues of hosts to which nothing was sent for a month."""
    deliveries = WebhookDelivery.objects.filter(lane=OuterRef("pk"))
    # A lane whose job is still there was used lately, and one without a job is being made.
    jobs = Job.objects.filter(pk=OuterRef("job_id"))
    idle_lanes = WebhookLane.objects.filter(~Exists(deliveries), ~Exists(jobs))
    idle_lanes.exclude(job_id=None).filter(Q(held_until=None) | Q(held_until__lt=now())).delete()

"""Messages to webhooks: signatures, retries, the circuit breaker, and crashes."""

import json
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from standardwebhooks.webhooks import Webhook as ReferenceWebhook
from standardwebhooks.webhooks import WebhookVerificationError

from foundation.accounts.actions import lift_suspension, mark_suspended
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from foundation.clock import fixed_time, now
from foundation.jobs.actions import QueueChoice, claim_job, run_due_jobs
from foundation.jobs.models import Job
from foundation.webhooks import delivery as sending
from foundation.webhooks.actions import (
    change_webhook,
    create_webhook,
    delete_webhook,
    emit,
    redeliver,
    rotate_secret,
    send_test,
    switch_off_webhooks,
)
from foundation.webhooks.delivery import (
    LEASE,
    claim_delivery,
    delete_old_deliveries,
    lane_of,
    wake_forgotten_lanes,
    wake_lane,
)
from foundation.webhooks.models import Webhook, WebhookDelivery, WebhookLane
from foundation.webhooks.rules import Message, retry_delay
from tests.support.races import run_at_once
from tests.support.receiver import Receiver
from wordclaw.policy.actions import find_domain

pytestmark = pytest.mark.django_db
BY = Actor()
# Nothing listens there.
DEAD = "http://127.0.0.1:9/hook"


def make_webhook(url: str, *events: str, tenant: str = "ada") -> tuple[Webhook, str]:
    return create_webhook(tenant, url=url, events=list(events or ("*",)), by=BY)


def tell(event: str = "version.published", number: int = 1, **columns: Any) -> None:
    emit([Message(tenant="ada", id=f"msg_{number}", event=event, data={"id": "@ada/a"}, **columns)])


def only_delivery() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


def test_a_message_is_signed_as_the_reference_library_expects(receiver: Receiver):
    webhook, secret = make_webhook(receiver.url, "version.*")
    tell()
    tell("review.posted", 2)
    emit([Message(tenant="grace", id="msg_3", event="version.published")])
    tell()  # The job that tells of an event may run twice.
    run_due_jobs()
    [(headers, body)] = receiver.requests
    assert ReferenceWebhook(secret).verify(body, headers) == json.loads(body)
    assert set(json.loads(body)) == {"type", "timestamp", "data"}
    assert headers["webhook-id"] == "msg_1"
    with pytest.raises(WebhookVerificationError):
        ReferenceWebhook(secret).verify(body + b" ", headers)
    row = only_delivery()
    assert (row.status, row.attempts, row.response_status, row.answer) == (
        "succeeded", 1, 200, "thanks",
    )  # fmt: skip
    # No secret can be read in the database.
    webhook.refresh_from_db()
    assert secret not in str(vars(webhook))
    assert not AuditLog.objects.filter(details__icontains=secret[8:20]).exists()
    # During the overlap both secrets verify, afterwards the new one alone.
    _, new_secret = rotate_secret("ada", str(webhook.pk), by=BY)
    redeliver("ada", str(webhook.pk), str(row.pk), by=BY)
    run_due_jobs()
    again, body = receiver.requests[1]
    assert again["webhook-id"] == "msg_1"
    for valid in (secret, new_secret):
        ReferenceWebhook(valid).verify(body, again)
    Webhook.objects.update(former_secret_until=now())
    tell(number=4)
    run_due_jobs()
    late, body = receiver.requests[2]
    ReferenceWebhook(new_secret).verify(body, late)
    with pytest.raises(WebhookVerificationError):
        ReferenceWebhook(secret).verify(body, late)


@pytest.mark.once
def test_a_limited_webhook_hears_of_one_thing_alone(receiver: Receiver):
    create_webhook("ada", url=receiver.url, events=["form.submitted"], about="form:help", by=BY)
    tell("form.submitted", 1, about="form:help")
    tell("form.submitted", 2, about="form:other")
    tell("form.submitted", 3)
    assert only_delivery().message_id == "msg_1"


def test_a_failed_delivery_is_tried_again_later_and_later(receiver: Receiver):
    make_webhook(receiver.url)
    receiver.status = 500
    tell()
    for attempt in range(1, 4):
        start = now()
        run_due_jobs()
        row = only_delivery()
        delay = (row.next_attempt_at - start).total_seconds()
        usual_delay = 15 * 2 ** (attempt - 1)
        assert 0.8 * usual_delay <= delay <= 1.2 * usual_delay + 1
        assert (row.status, row.attempts, row.error) == ("pending", attempt, "The answer was 500.")
        run_due_jobs()
        assert len(receiver.requests) == attempt, "It was tried before its time."
        WebhookDelivery.objects.update(next_attempt_at=now())
        Job.objects.filter(status="queued").update(run_at=now())
    # An answer, even 500, is no outage of the host.
    assert WebhookLane.objects.get().failure_count == 0
    receiver.status = 204
    run_due_jobs()
    assert only_delivery().status == "succeeded"
    assert retry_delay(50) <= timedelta(hours=6) * 1.2


def test_a_webhook_is_switched_off_after_three_days_of_failures(receiver: Receiver):
    webhook, _ = make_webhook(receiver.url)
    receiver.status = 500
    tell()
    run_due_jobs()
    tell(number=2)
    with fixed_time(now() + timedelta(days=3, minutes=1)):
        run_due_jobs()
        webhook.refresh_from_db()
        assert not webhook.is_active
        assert webhook.disabled_at
        assert set(WebhookDelivery.objects.values_list("status", flat=True)) == {"failed"}
        assert AuditLog.objects.filter(action="webhook.disabled", tenant="ada").count() == 1
        assert Job.objects.filter(kind="mails.webhook_disabled").count() == 1
        change_webhook("ada", str(webhook.pk), {"is_active": True}, by=BY)
    webhook.refresh_from_db()
    assert (webhook.is_active, webhook.failing_since, webhook.disabled_at) == (True, None, None)


def test_a_dead_host_costs_a_few_attempts_and_holds_nothing_up(receiver: Receiver):
    make_webhook(DEAD)
    lane = lane_of(Webhook.objects.get())
    webhook = Webhook.objects.get()
    rows = [
        WebhookDelivery(webhook=webhook, lane=lane, message_id=f"m{n}", event="a.b", body="{}")
        for n in range(10_000)
    ]
    WebhookDelivery.objects.bulk_create(rows, batch_size=1000)
    wake_lane(lane.pk, now())
    make_webhook(receiver.url, "review.posted")
    tell("review.posted")
    start = monotonic()
    counts = run_due_jobs()
    assert counts.success_count == 2
    assert monotonic() - start < 5
    assert len(receiver.requests) == 1
    tried = WebhookDelivery.objects.filter(lane=lane, attempts__gt=0)
    assert tried.count() == 3, "The breaker opens after three attempts."
    lane.refresh_from_db()
    assert lane.open_until is not None
    # New messages do not wake a host whose breaker is open.
    tell(number=9)
    assert run_due_jobs().success_count == 0
    # After the time a single message is tried.
    with fixed_time(lane.open_until + timedelta(seconds=1)):
        run_due_jobs()
    assert WebhookDelivery.objects.filter(lane=lane, attempts__gt=0).count() <= 4
    lane.refresh_from_db()
    assert lane.failure_count == 4
    # A person who tests it need not wait for that time, nor for what waits longer.
    test = send_test("ada", str(webhook.pk), by=BY)
    run_due_jobs()
    test.refresh_from_db()
    assert test.attempts == 1
    lane.refresh_from_db()
    assert lane.failure_count == 5


def test_slow_hosts_of_a_tenant_leave_threads_to_others(receiver: Receiver):
    lanes = [WebhookLane(tenant="ada", host=f"{n}.example:443", held_by=uuid4()) for n in range(2)]
    WebhookLane.objects.bulk_create(lanes)
    held_lanes = WebhookLane.objects.exclude(held_by=None)
    # Workers have waited for them for three seconds.
    held_lanes.update(held_until=now() + LEASE - timedelta(seconds=3))
    make_webhook(receiver.url)
    make_webhook(receiver.url, tenant="grace")
    tell()
    emit([Message(tenant="grace", id="msg_2", event="version.published")])
    run_due_jobs()
    assert [headers["webhook-id"] for headers, _ in receiver.requests] == ["msg_2"]
    with fixed_time(now() + timedelta(seconds=31)):
        # A host that was called a moment ago is not slow.
        held_lanes.update(held_until=now() + LEASE)
        run_due_jobs()
    assert [headers["webhook-id"] for headers, _ in receiver.requests] == ["msg_2", "msg_1"]


def test_what_waits_moves_with_its_webhook_to_another_host(receiver: Receiver, settings: Any):
    webhook, _ = make_webhook(DEAD)
    other_webhook, _ = make_webhook(DEAD, "review.posted")
    tell()
    tell("review.posted", 2)
    former_lane = WebhookLane.objects.get()
    WebhookLane.objects.update(open_until=now() + timedelta(hours=6), failure_count=9)
    change_webhook("ada", str(webhook.pk), {"url": receiver.url}, by=BY)
    run_due_jobs()
    assert [headers["webhook-id"] for headers, _ in receiver.requests] == ["msg_1", "msg_2"]
    former_lane.refresh_from_db()
    assert former_lane.failure_count == 9
    assert WebhookDelivery.objects.get(lane=former_lane).webhook == other_webhook
    # An address that is no longer allowed holds up no deletion of a webhook or an account.
    settings.WEBHOOK_ALLOW_PRIVATE = []
    switch_off_webhooks("ada", by=BY)
    assert not Webhook.objects.filter(is_active=True).exists()
    delete_webhook("ada", str(webhook.pk), by=BY)
    assert not WebhookDelivery.objects.filter(message_id="msg_1").exists()


def test_a_killed_worker_loses_no_delivery(receiver: Receiver, monkeypatch: pytest.MonkeyPatch):
    make_webhook(receiver.url)
    tell()

    def die(delivery: WebhookDelivery) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(sending, "attempt", die)
    with pytest.raises(KeyboardInterrupt):
        run_due_jobs()
    monkeypatch.undo()
    # As after a kill: the lane is still held, and job and delivery have their leases.
    job = Job.objects.get(kind="webhooks.deliver")
    WebhookLane.objects.update(held_by=job.pk, held_until=now() + timedelta(seconds=60))
    assert run_due_jobs().success_count == 0
    assert not receiver.requests
    with fixed_time(now() + timedelta(seconds=61)):
        run_due_jobs()
    assert len(receiver.requests) == 1
    assert (only_delivery().status, only_delivery().attempts) == ("succeeded", 2)


def test_a_delivery_and_a_lane_have_one_worker_at_a_time(receiver: Receiver):
    webhook, _ = make_webhook(receiver.url)
    tell()
    lane = lane_of(webhook)
    delivery = claim_delivery(lane.pk)
    assert delivery is not None
    assert claim_delivery(lane.pk) is None
    # A second job finds the lane held and leaves; the first one looks again after it has let go.
    WebhookLane.objects.update(held_by=webhook.pk, held_until=now() + timedelta(seconds=60))
    run_due_jobs()
    assert not receiver.requests
    # A cancelled job of a lane is replaced.
    WebhookLane.objects.update(held_by=None)
    Job.objects.all().update(status="cancelled")
    with fixed_time(now() + timedelta(seconds=130)):
        assert wake_forgotten_lanes() == 1
        run_due_jobs()
    assert len(receiver.requests) == 1


def test_slow_queues_have_workers_of_their_own(receiver: Receiver):
    make_webhook(receiver.url)
    tell()
    assert claim_job(QueueChoice(without=("webhooks",))) is None
    job = claim_job(QueueChoice(only="webhooks"))
    assert job is not None
    assert job.kind == "webhooks.deliver"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_claims_at_once_get_different_deliveries(loopback: None):
    webhook, _ = make_webhook(DEAD)
    for number in range(8):
        tell(number=number)
    lane = lane_of(webhook)

    deliveries = run_at_once([lambda: claim_delivery(lane.pk)] * 8)

    assert len({delivery.pk for delivery in deliveries}) == 8
    assert claim_delivery(lane.pk) is None


def test_webhooks_rest_while_their_publisher_is_suspended(receiver: Receiver, ada: User):
    by = Actor(user=ada, door="page")
    find_domain("ada", by)
    make_webhook(receiver.url)
    tell()
    mark_suspended(ada, reason="Spam", by=BY)
    run_due_jobs()
    tell(number=2)
    assert (receiver.requests, only_delivery().status) == ([], "pending")
    lift_suspension(ada, reason="Over", by=BY)
    wake_forgotten_lanes()
    WebhookDelivery.objects.update(next_attempt_at=now() - LEASE * 2)
    assert wake_forgotten_lanes() == 1
    run_due_jobs()
    assert [headers["webhook-id"] for headers, _ in receiver.requests] == ["msg_1"]


def test_queues_of_hosts_without_deliveries_are_deleted(receiver: Receiver):
    make_webhook(receiver.url)
    tell()
    run_due_jobs()
    delete_old_deliveries()
    assert WebhookLane.objects.count() == 1
    WebhookDelivery.objects.update(completed_at=now() - timedelta(days=40))
    delete_old_deliveries()
    # The job of the last sending is still there: the host was used lately.
    assert (WebhookDelivery.objects.count(), WebhookLane.objects.count()) == (0, 1)
    Job.objects.all().delete()
    delete_old_deliveries()
    assert WebhookLane.objects.count() == 0
    tell(number=2)
    run_due_jobs()
    assert len(receiver.requests) == 2


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_secret_rotated_during_a_delivery_signs_the_next_attempt(receiver: Receiver):
    webhook, secret = make_webhook(receiver.url)
    new_secrets: list[str] = []

    def rotate_during_the_delivery() -> None:
        if not new_secrets:
            new_secrets.append(rotate_secret("ada", str(webhook.pk), by=BY)[1])
            connection.close()

    receiver.before_answer, receiver.status = rotate_during_the_delivery, 500
    tell()
    run_due_jobs()
    receiver.status = 200
    with fixed_time(now() + timedelta(seconds=20)):
        run_due_jobs()

    [first, second] = receiver.requests
    ReferenceWebhook(secret).verify(first[1], first[0])
    with pytest.raises(WebhookVerificationError):
        ReferenceWebhook(new_secrets[0]).verify(first[1], first[0])
    assert second[0]["webhook-id"] == first[0]["webhook-id"]
    for valid in (secret, new_secrets[0]):
        ReferenceWebhook(valid).verify(second[1], second[0])
    assert (only_delivery().status, only_delivery().attempts) == ("succeeded", 2)

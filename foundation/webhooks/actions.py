"""Making, changing and deleting webhooks, and telling them of events.

The caller has checked what the actor may do; the functions of `foundation.webhooks.delivery` send.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import iso, now
from foundation.encryption import encrypt_text
from foundation.webhooks.delivery import is_paused, lane_of, send_at_once, wake_lane
from foundation.webhooks.errors import (
    InvalidWebhookEvents,
    TooManyWebhooks,
    WebhookVersionConflict,
)
from foundation.webhooks.models import DeliveryStatus, Webhook, WebhookDelivery
from foundation.webhooks.queries import find_delivery, find_webhook, webhooks_of
from foundation.webhooks.rules import (
    AT_ONCE,
    MAX_PATTERNS,
    MAX_WEBHOOKS,
    SECRET_OVERLAP,
    TEST_EVENT,
    Message,
    hears,
    known_events,
    unknown_patterns,
)
from foundation.webhooks.signing import new_secret
from foundation.webhooks.targets import check_url, read_target


@transaction.atomic
def create_webhook(
    tenant: str,
    *,
    url: str,
    events: Sequence[str],
    is_active: bool = True,
    secret: str = "",
    about: str = "",
    by: Actor,
) -> tuple[Webhook, str]:
    """Return a new webhook and its secret, which cannot be read again later.

    Raises UnsafeWebhookUrl, InvalidWebhookEvents or TooManyWebhooks.
    """
    check_url(url)
    patterns = checked_events(events)
    # Counted without a lock: two at once may exceed a limit that only protects from thousands.
    if webhooks_of(tenant).count() >= MAX_WEBHOOKS:
        raise TooManyWebhooks(limit=MAX_WEBHOOKS)
    plain_secret = secret or new_secret()
    webhook = Webhook.objects.create(
        tenant=tenant,
        url=url,
        events=patterns,
        is_active=is_active,
        about=about,
        secret=encrypt_text(plain_secret),
        created_by_id=by.user_id,
    )
    _record("create", webhook, by=by, events=patterns, url=url)
    return webhook, plain_secret


def checked_events(events: Sequence[str]) -> list[str]:
    """Return the patterns, each once. Raises InvalidWebhookEvents."""
    patterns = list(dict.fromkeys(events))
    unknown_names = unknown_patterns(patterns)
    if not patterns or unknown_names or len(patterns) > MAX_PATTERNS:
        # An answer need not repeat whatever was sent.
        shown_names = [pattern[:100] for pattern in unknown_names[:MAX_PATTERNS]]
        raise InvalidWebhookEvents(unknown=shown_names, events=sorted(known_events()))
    return patterns


@transaction.atomic
def change_webhook(
    tenant: str,
    webhook_id: str,
    changes: dict[str, Any],
    *,
    expected_version: int | None = None,
    by: Actor,
) -> Webhook:
    """Change ``url``, ``events`` or ``is_active`` of a webhook.

    Switching it on again forgets its failures. Raises WebhookNotFound, WebhookVersionConflict,
    UnsafeWebhookUrl or InvalidWebhookEvents.
    """
    webhook = _locked(tenant, webhook_id, expected_version)
    before = {name: getattr(webhook, name) for name in changes}
    is_moved = "url" in changes and changes["url"] != webhook.url
    if is_moved:
        check_url(changes["url"])
    if "events" in changes:
        changes = changes | {"events": checked_events(changes["events"])}
    for name, value in changes.items():
        setattr(webhook, name, value)
    if changes.get("is_active"):
        webhook.failing_since = webhook.disabled_at = None
    _save(webhook)
    if changes.get("is_active") is False:
        end_waiting_deliveries(webhook, "The webhook was switched off.")
    if is_moved:
        _move_waiting_deliveries(webhook)
    after = {name: getattr(webhook, name) for name in changes}
    differences = {name: [before[name], value] for name, value in after.items()}
    _record("update", webhook, by=by, changes=differences)
    return webhook


@transaction.atomic
def rotate_secret(
    tenant: str, webhook_id: str, *, expected_version: int | None = None, by: Actor
) -> tuple[Webhook, str]:
    """Return the webhook and its new secret; the former one signs, too, for 24 hours.

    Raises WebhookNotFound or WebhookVersionConflict.
    """
    webhook = _locked(tenant, webhook_id, expected_version)
    plain_secret = new_secret()
    webhook.former_secret, webhook.secret = webhook.secret, encrypt_text(plain_secret)
    webhook.former_secret_until = now() + SECRET_OVERLAP
    _save(webhook)
    _record("rotate_secret", webhook, by=by)
    return webhook, plain_secret


@transaction.atomic
def delete_webhook(
    tenant: str, webhook_id: str, *, expected_version: int | None = None, by: Actor
) -> None:
    """Delete a webhook and its deliveries.

    Raises WebhookNotFound or WebhookVersionConflict.
    """
    webhook = _locked(tenant, webhook_id, expected_version)
    _record("delete", webhook, by=by, url=webhook.url)
    webhook.delete()


@transaction.atomic
def send_test(tenant: str, webhook_id: str, *, by: Actor) -> WebhookDelivery:
    """Send ``webhook.test``, also to a webhook that is switched off.

    Raises WebhookNotFound.
    """
    webhook = find_webhook(tenant, webhook_id, for_update=True)
    event = _record("test", webhook, by=by)
    message = Message(
        tenant=tenant, id=f"msg_{event.hex}", event=TEST_EVENT, data={"id": str(webhook.pk)}
    )
    delivery = WebhookDelivery.objects.create(
        webhook=webhook,
        lane=lane_of(webhook),
        message_id=message.id,
        event=message.event,
        body=body_of(message),
        next_attempt_at=now() - AT_ONCE,
    )
    send_at_once(delivery.lane_id)
    return delivery


@transaction.atomic
def redeliver(tenant: str, webhook_id: str, delivery_id: str, *, by: Actor) -> WebhookDelivery:
    """Send a message again, with the same ID and body.

    Raises WebhookNotFound or DeliveryNotFound.
    """
    webhook = find_webhook(tenant, webhook_id, for_update=True)
    source = find_delivery(webhook, delivery_id)
    delivery = WebhookDelivery.objects.create(
        webhook=webhook,
        lane=lane_of(webhook),
        message_id=source.message_id,
        event=source.event,
        body=source.body,
        is_repeat=True,
        next_attempt_at=now() - AT_ONCE,
    )
    _record("redeliver", webhook, by=by, delivery=str(source.pk))
    send_at_once(delivery.lane_id)
    return delivery


@transaction.atomic
def emit(messages: Iterable[Message]) -> int:
    """Queue messages for the webhooks that are subscribed; return how many deliveries.

    The same message is queued once for each webhook, however often this is called.
    """
    return sum(_emit(message) for message in messages)


def _emit(message: Message) -> int:
    webhooks = [
        webhook
        for webhook in webhooks_of(message.tenant).filter(is_active=True)
        if hears(webhook.events, message.event) and webhook.about in ("", message.about)
    ]
    if not webhooks or is_paused(message.tenant):
        return 0
    body = body_of(message)
    rows = [
        WebhookDelivery(
            webhook=webhook,
            lane=lane_of(webhook),
            message_id=message.id,
            event=message.event,
            body=body,
        )
        for webhook in webhooks
    ]
    WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True)
    for lane_id in sorted({row.lane_id for row in rows}):
        wake_lane(lane_id, now())
    return len(rows)


def body_of(message: Message) -> str:
    content = {"type": message.event, "timestamp": iso(now()), "data": message.data}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))


def switch_off_webhooks(tenant: str | None, *, by: Actor) -> None:
    """Switch off all webhooks of a tenant, as when its account is deleted."""
    for webhook in webhooks_of(tenant or "").filter(is_active=True):
        change_webhook(webhook.tenant, str(webhook.pk), {"is_active": False}, by=by)


def end_waiting_deliveries(webhook: Webhook, reason: str) -> None:
    """Give up what waits for a webhook that is switched off."""
    rows = WebhookDelivery.objects.filter(webhook=webhook, status=DeliveryStatus.PENDING)
    rows.update(status=DeliveryStatus.FAILED, error=reason, completed_at=now())


def _move_waiting_deliveries(webhook: Webhook) -> None:
    """Put what waits in the queue of the new host.

    The breaker of the former host would hold it up, and failures of one would count for the other.
    """
    lane = lane_of(webhook)
    rows = WebhookDelivery.objects.filter(webhook=webhook, status=DeliveryStatus.PENDING)
    if rows.exclude(lane=lane).update(lane=lane):
        wake_lane(lane.pk, now())


def _locked(tenant: str, webhook_id: str, expected_version: int | None) -> Webhook:
    webhook = find_webhook(tenant, webhook_id, for_update=True)
    if expected_version is not None and expected_version != webhook.version:
        raise WebhookVersionConflict(current=webhook.version)
    return webhook


def _save(webhook: Webhook) -> None:
    webhook.version += 1
    webhook.updated_at = now()
    webhook.save()


def _record(action: str, webhook: Webhook, *, by: Actor, **details: Any) -> Any:
    event = record(
        f"webhook.{action}",
        "webhook",
        str(webhook.pk),
        by=by,
        tenant=webhook.tenant,
        host=lane_host(webhook),
        **details,
    )
    return event.pk


def lane_host(webhook: Webhook) -> str:
    # Without a check: the settings may have changed since, and it must still be deleted.
    return read_target(webhook.url).host

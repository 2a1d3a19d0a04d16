"""JSON of webhooks and deliveries."""

from typing import Any

from ninja import Schema
from pydantic import StrictBool, StrictStr

from foundation.clock import iso, iso_or_none
from foundation.webhooks.models import Webhook, WebhookDelivery
from wordclaw.requests.schemas import StrictBody

FIELDS = {"url": "url", "events": "events", "active": "is_active"}


class WebhookIn(StrictBody):
    url: StrictStr
    events: list[StrictStr]
    active: StrictBool = True


class WebhookChanges(StrictBody):
    """A field that is not sent stays as it is."""

    url: StrictStr = ""
    events: list[StrictStr] = []
    active: StrictBool = True

    def columns(self) -> dict[str, Any]:
        return {FIELDS[name]: getattr(self, name) for name in self.model_fields_set}


class WebhookOut(Schema):
    """``secret`` is in the answers of creation and rotation alone."""

    id: str
    url: str
    events: list[str]
    active: bool
    version: int
    failingSince: str | None
    disabledAt: str | None
    createdAt: str
    updatedAt: str
    secret: str | None = None


class WebhookPage(Schema):
    items: list[WebhookOut]
    nextCursor: str | None = None


class DeliveryOut(Schema):
    """``request`` is in the answer of one delivery alone."""

    id: str
    event: str
    messageId: str
    status: str
    attempts: int
    responseStatus: int | None
    durationMs: int | None
    answer: str
    error: str
    nextAttemptAt: str | None
    createdAt: str
    completedAt: str | None
    request: str | None = None


class DeliveryPage(Schema):
    items: list[DeliveryOut]
    nextCursor: str | None = None


def webhook_out(webhook: Webhook, *, secret: str = "") -> dict[str, Any]:
    body = {
        "id": str(webhook.pk),
        "url": webhook.url,
        "events": webhook.events,
        "active": webhook.is_active,
        "version": webhook.version,
        "failingSince": iso_or_none(webhook.failing_since),
        "disabledAt": iso_or_none(webhook.disabled_at),
        "createdAt": iso(webhook.created_at),
        "updatedAt": iso(webhook.updated_at),
    }
    return body | ({"secret": secret} if secret else {})


def delivery_out(delivery: WebhookDelivery, *, with_request: bool = False) -> dict[str, Any]:
    is_waiting = delivery.status == WebhookDelivery.Status.PENDING
    body = {
        "id": str(delivery.pk),
        "event": delivery.event,
        "messageId": delivery.message_id,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "responseStatus": delivery.response_status,
        "durationMs": delivery.duration_ms,
        "answer": delivery.answer,
        "error": delivery.error,
        "nextAttemptAt": iso(delivery.next_attempt_at) if is_waiting else None,
        "createdAt": iso(delivery.created_at),
        "completedAt": iso_or_none(delivery.completed_at),
    }
    return body | ({"request": delivery.body} if with_request else {})

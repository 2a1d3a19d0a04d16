"""The addresses at which providers report settled payments."""

from typing import Any

import orjson
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Router

from foundation.access.api import public
from foundation.actor import Actor
from foundation.clock import now
from foundation.l402.headers import is_payment_hash
from foundation.web.responses import json_response
from foundation.webhooks.signing import is_signed_message
from wordclaw.payments.errors import (
    InvalidEvent,
    InvalidEventSignature,
    SettlementUnavailable,
)
from wordclaw.payments.providers.choice import require_known_provider
from wordclaw.payments.settlement.events import STATUSES, apply_event
from wordclaw.payments.settlement.queue import enqueue_check
from wordclaw.payments.settlement.reconciling import make_due
from wordclaw.requests.api import READ, actor_of

router = Router(tags=["payments"])
MAX_EVENT_ID_LENGTH = 200
TOLERANCE_SECONDS = 300


@router.post(
    "/payments/webhooks/{provider}/settled",
    auth=public,
    throttle=READ,
    summary="Settlement event of a payment provider",
)
def settled(request: HttpRequest, provider: str) -> HttpResponse:
    """Signed as Standard Webhooks describes; body ``{paymentHash, status}``.

    ``status`` is paid, expired or failed.
    """
    require_known_provider(provider)
    if not settings.PAYMENT_WEBHOOK_SECRETS:
        raise SettlementUnavailable
    event_id = request.headers.get("webhook-id", "")
    is_right = is_signed_message(
        settings.PAYMENT_WEBHOOK_SECRETS,
        event_id,
        request.headers.get("webhook-timestamp", ""),
        request.body,
        request.headers.get("webhook-signature", ""),
        moment=now(),
        tolerance_seconds=TOLERANCE_SECONDS,
    )
    if not is_right or len(event_id) > MAX_EVENT_ID_LENGTH:
        raise InvalidEventSignature
    payment_hash, status = _read_event(request.body)
    by: Actor = actor_of(request).through("webhook")
    outcome = apply_event(provider, event_id, payment_hash, status, by=by)
    if outcome == "unknown":
        return json_response({"ok": True, "unknownPayment": True}, 202)
    is_duplicate = outcome == "duplicate"
    return json_response({"ok": True, "duplicate": is_duplicate}, 202 if is_duplicate else 200)


def _read_event(body: bytes) -> tuple[str, str]:
    """Return payment hash and status. Raises InvalidEvent."""
    try:
        event: Any = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidEvent from error
    fields = event if isinstance(event, dict) else {}
    payment_hash, status = fields.get("paymentHash"), fields.get("status")
    is_hash = isinstance(payment_hash, str) and is_payment_hash(payment_hash)
    if not is_hash or status not in STATUSES:
        raise InvalidEvent
    return str(payment_hash), str(status)


@router.post(
    "/payments/webhooks/lnbits/hint",
    auth=public,
    throttle=READ,
    summary="Hint of LNbits that an invoice was paid",
)
def hint(request: HttpRequest) -> HttpResponse:
    """LNbits signs nothing, so this only makes the worker ask it about the invoice."""
    payment_hash = _read_hint(request.body)
    if payment_hash and make_due(payment_hash, "lnbits"):
        enqueue_check()
    # The same for all, so that strangers learn nothing about invoices.
    return json_response({"ok": True})


def _read_hint(body: bytes) -> str:
    """Return the payment hash that a body of LNbits names; "" without one."""
    try:
        event: Any = orjson.loads(body)
        # The body is a JSON string that contains JSON.
        event = orjson.loads(event) if isinstance(event, str) else event
    except orjson.JSONDecodeError:
        return ""
    payment_hash = event.get("payment_hash") if isinstance(event, dict) else ""
    if not isinstance(payment_hash, str) or not is_payment_hash(payment_hash):
        return ""
    return payment_hash

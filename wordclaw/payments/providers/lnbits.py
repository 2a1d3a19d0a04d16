"""LNbits, a server with wallets in front of a Lightning node.

It gets the invoice/read key of one wallet, which can make invoices and look at them, and pay
nothing. An answer may contain the preimage of an invoice: nothing of it is stored or logged.
"""

import http.client
import logging
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import orjson
from django.conf import settings

from foundation.l402.invoices import InvalidInvoice, read_invoice
from foundation.webhooks.errors import UndeliverableTarget
from foundation.webhooks.sender import TooSlow, exchange
from foundation.webhooks.targets import look_up_address, read_target
from wordclaw.payments.errors import ProviderUnavailable
from wordclaw.payments.providers.base import InvoiceState, NewInvoice

SECONDS = 8.0
MAX_ANSWER_BYTES = 64 * 1024
PATH = "/api/v1/payments"
MEMO_LENGTH = 200
HINT_PATH = "/v1/payments/webhooks/lnbits/hint"
log = logging.getLogger("clawstore.payments")


class LnbitsProvider:
    name = "lnbits"

    def create_invoice(self, amount_satoshis: int, *, memo: str, expiry_seconds: int) -> NewInvoice:
        body = {
            "out": False,
            "unit": "sat",
            "amount": amount_satoshis,
            "memo": memo[:MEMO_LENGTH],
            "expiry": expiry_seconds,
            "webhook": settings.BASE_URL + HINT_PATH,
        }
        status, answer = _ask("POST", PATH, body)
        payment_hash, text = answer.get("payment_hash"), answer.get("bolt11")
        if status != 201 or not isinstance(payment_hash, str) or not isinstance(text, str):
            raise _failure(f"An invoice was not made: status {status}.")
        try:
            expires_at = read_invoice(text).expires_at
        except InvalidInvoice as error:
            raise _failure(f"An invoice cannot be read: {error}") from error
        invoice_id = str(answer.get("checking_id") or "")[:200]
        return NewInvoice(payment_hash.lower(), text, invoice_id, expires_at)

    def look_up(self, payment_hash: str) -> InvoiceState:
        status, answer = _ask("GET", f"{PATH}/{payment_hash}")
        if status == 404:
            # Another wallet, or a server that was set up anew: it will never be paid here.
            return InvoiceState(is_paid=False)
        if status != 200 or not isinstance(answer.get("paid"), bool):
            raise _failure(f"An invoice was not found out about: status {status}.")
        return InvoiceState(
            is_paid=answer["paid"],
            is_failed=answer.get("status") == "failed",
            paid_at=_paid_at(answer) if answer["paid"] else None,
        )

    def check(self) -> None:
        status, _ = _ask("GET", "/api/v1/wallet")
        if status != 200:
            raise _failure(f"The wallet does not answer: status {status}.")


def _paid_at(answer: dict[str, Any]) -> datetime | None:
    """Return when an invoice was paid: LNbits takes payments of expired ones, too."""
    details = answer.get("details")
    text = details.get("updated_at") if isinstance(details, dict) else None
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _ask(
    method: str, path: str, document: dict[str, Any] | None = None
) -> tuple[int, dict[str, Any]]:
    """Return status and JSON object of an answer. Raises ProviderUnavailable."""
    target = read_target(settings.LNBITS_URL + path)
    headers = {"X-Api-Key": settings.LNBITS_INVOICE_KEY, "Accept": "application/json"}
    body = None
    if document is not None:
        body = orjson.dumps(document)
        headers["Content-Type"] = "application/json"
    try:
        address = look_up_address(target)
        status, content = exchange(
            method,
            target,
            address,
            body,
            headers,
            deadline=monotonic() + SECONDS,
            max_bytes=MAX_ANSWER_BYTES,
        )
        answer = orjson.loads(content)
    except (UndeliverableTarget, TooSlow, OSError, http.client.HTTPException, ValueError) as error:
        # The kind alone: its text may quote an answer with a preimage.
        raise _failure(f"No answer: {type(error).__name__}") from error
    return status, answer if isinstance(answer, dict) else {}


def _failure(reason: str) -> ProviderUnavailable:
    log.warning("LNbits at %s: %s", settings.LNBITS_URL, reason)
    return ProviderUnavailable()

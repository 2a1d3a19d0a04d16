"""JSON of purchases, payments and entitlements."""

from typing import Any

from ninja import Schema
from pydantic import StrictStr

from foundation.clock import iso, iso_or_none
from wordclaw.payments.models import Entitlement, Payment
from wordclaw.requests.schemas import StrictBody


class ConfirmationIn(StrictBody):
    preimage: StrictStr


class RefundIn(StrictBody):
    reason: StrictStr = ""


class EntitlementOut(Schema):
    id: str
    domain: str
    offerId: str
    policyId: str
    policyVersion: int
    subject: str
    subjectType: str
    subjectId: str
    agentProfileId: str | None
    paymentHash: str
    amountSatoshis: int
    status: str
    remainingReads: int | None
    expiresAt: str | None
    activatedAt: str | None
    terminatedAt: str | None
    revocationReason: str
    delegatedFrom: str | None
    createdAt: str
    buyer: str | None = None


class EntitlementPage(Schema):
    items: list[EntitlementOut]
    nextCursor: str | None = None


class PaymentOut(Schema):
    id: str
    domain: str
    offerId: str
    paymentHash: str
    provider: str
    paymentRequest: str
    amountSatoshis: int
    status: str
    expiresAt: str
    settledAt: str | None
    failureReason: str
    createdAt: str


class ConfirmationOut(Schema):
    payment: PaymentOut
    entitlement: EntitlementOut


def entitlement_out(entitlement: Entitlement, *, with_buyer: bool = False) -> dict[str, Any]:
    """An entitlement for its owner, or with the buyer's login for the seller."""
    offer, policy, payment = entitlement.offer, entitlement.policy_version, entitlement.payment
    out = {
        "id": str(entitlement.pk),
        "domain": entitlement.domain.name,
        "offerId": str(offer.pk),
        "policyId": str(policy.policy_id),
        "policyVersion": policy.version,
        "subject": offer.subject,
        "subjectType": offer.subject_type,
        "subjectId": offer.subject_id,
        "agentProfileId": None,
        "paymentHash": payment.payment_hash,
        "amountSatoshis": payment.amount_satoshis,
        "status": entitlement.status,
        "remainingReads": entitlement.remaining_reads,
        "expiresAt": iso_or_none(entitlement.expires_at),
        "activatedAt": iso_or_none(entitlement.activated_at),
        "terminatedAt": iso_or_none(entitlement.terminated_at),
        "revocationReason": entitlement.revocation_reason,
        "delegatedFrom": None,
        "createdAt": iso(entitlement.created_at),
    }
    if not with_buyer:
        return out
    user = entitlement.user
    return out | {"buyer": user.username if user and not user.is_former else None}


def payment_out(payment: Payment) -> dict[str, Any]:
    return {
        "id": str(payment.pk),
        "domain": payment.domain.name,
        "offerId": str(payment.offer_id),
        "paymentHash": payment.payment_hash,
        "provider": payment.provider,
        "paymentRequest": payment.payment_request,
        "amountSatoshis": payment.amount_satoshis,
        "status": payment.status,
        "expiresAt": iso(payment.expires_at),
        "settledAt": iso_or_none(payment.settled_at),
        "failureReason": payment.failure_reason,
        "createdAt": iso(payment.created_at),
    }

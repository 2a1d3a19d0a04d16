"""Changes of payments and entitlements, each under the lock of the payment's row.

The lock of the payment comes first and that of the entitlement second, everywhere.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.l402.headers import is_preimage_of
from wordclaw.payments.errors import NothingToReturn, PaymentNotFound
from wordclaw.payments.models import (
    Entitlement,
    EntitlementStatus,
    Payment,
    PaymentStatus,
)
from wordclaw.payments.revenue.actions import add_late_money, add_return, add_sale
from wordclaw.payments.rules import (
    ENTITLEMENT_MOVES,
    PAYMENT_MOVES,
    TERMINAL,
    is_in_time,
    require_move,
)


def lock_payment(payment_id: UUID) -> Payment:
    """Lock a payment's row, with its offer and policy. Raises PaymentNotFound."""
    payments = Payment.objects.select_for_update(of=("self",))
    rows = payments.select_related("domain", "offer", "policy_version", "user")
    payment: Payment | None = rows.filter(pk=payment_id).first()
    if payment is None:
        # Unpaid payments without a user are deleted after their end.
        raise PaymentNotFound
    return payment


def entitlement_of(payment: Payment) -> Entitlement | None:
    """Return the entitlement of a payment, locked; None if it has none yet."""
    entitlements = Entitlement.objects.select_for_update(of=("self",))
    rows = entitlements.select_related("domain", "offer", "policy_version__policy", "user")
    entitlement: Entitlement | None = rows.filter(payment=payment).first()
    if entitlement is not None:
        entitlement.payment = payment
    return entitlement


@transaction.atomic
def settle_payment(
    payment_id: UUID, *, by: Actor, event_id: str = "", paid_at: datetime | None = None
) -> Entitlement:
    """Mark a payment as paid, and return its right; the same right if called again.

    ``paid_at`` is the provider's time; None: now. Raises PaymentNotFound or InvalidTransition.
    """
    payment = lock_payment(payment_id)
    if payment.status in (PaymentStatus.PAID, PaymentStatus.CONSUMED):
        entitlement = entitlement_of(payment)
        assert entitlement is not None, "a paid payment has an entitlement"  # noqa: S101
        return entitlement
    _move_payment(payment, PaymentStatus.PAID, event_id=event_id)
    payment.settled_at = paid_at or now()
    payment.save()
    entitlement = entitlement_of(payment) or Entitlement(
        domain=payment.domain,
        offer=payment.offer,
        policy_version=payment.policy_version,
        user=payment.user,
        payment=payment,
        created_at=now(),
    )
    _activate(entitlement)
    add_sale(payment)
    _record("settled", payment, by=by)
    return entitlement


def is_proof_of_payment(payment: Payment, preimage: bytes) -> bool:
    """Whether a preimage proves a payment: only its invoice's payment reveals it."""
    return is_preimage_of(preimage, payment.payment_hash)


def can_be_settled(payment: Payment) -> bool:
    """Whether proof of this payment counts now: before its end, or after it was paid."""
    if payment.status == PaymentStatus.PENDING:
        return is_in_time(payment.expires_at, now())
    return payment.status in (PaymentStatus.PAID, PaymentStatus.CONSUMED)


@transaction.atomic
def end_payment(
    payment_id: UUID, status: str, *, reason: str = "", event_id: str = "", by: Actor
) -> Payment:
    """Mark a pending payment as expired or failed; its entitlement ends, too.

    The same end again changes nothing. Raises PaymentNotFound or InvalidTransition.
    """
    payment = lock_payment(payment_id)
    if payment.status == status:
        return payment
    _move_payment(payment, status, event_id=event_id)
    payment.failure_reason = reason
    payment.save()
    entitlement = entitlement_of(payment)
    # The invoice of a mere reading attempt is no event, and is deleted after its end.
    if entitlement is not None:
        move_entitlement(entitlement, EntitlementStatus.EXPIRED)
        entitlement.save()
        _record(status, payment, by=by)
    return payment


@transaction.atomic
def keep_late_money(payment_id: UUID, *, by: Actor) -> bool:
    """Mark an ended payment whose money came late; a second call changes nothing.

    It gives no right: the offer may have another price by now, and its buyer may have paid a
    second invoice. Returns False for a payment that has not ended. Raises PaymentNotFound.
    """
    payment = lock_payment(payment_id)
    if payment.status not in (PaymentStatus.EXPIRED, PaymentStatus.FAILED):
        return False
    if payment.owed_back_at is None:
        payment.owed_back_at = payment.updated_at = now()
        payment.save()
        add_late_money(payment)
        _record("late", payment, by=by)
    return True


@transaction.atomic
def keep_return(payment_id: UUID, note: str, *, by: Actor) -> Payment:
    """Mark that the operator has paid a refund or late money back; it moves no money.

    ``note`` is the operator's reference. Raises PaymentNotFound or NothingToReturn. The caller has
    checked who may do it.
    """
    payment = lock_payment(payment_id)
    if not payment.is_owed_back:
        raise NothingToReturn
    payment.returned_at = payment.updated_at = now()
    payment.save()
    add_return(payment)
    _record("returned", payment, by=by, note=note)
    return payment


def _move_payment(payment: Payment, status: str, *, event_id: str) -> None:
    require_move(PAYMENT_MOVES, payment.status, status)
    payment.status = status
    payment.next_check_at = None
    payment.updated_at = now()
    payment.last_event_id = event_id or payment.last_event_id


def move_entitlement(entitlement: Entitlement, status: str) -> None:
    """Give a locked entitlement another state. Raises InvalidTransition."""
    require_move(ENTITLEMENT_MOVES, entitlement.status, status)
    entitlement.status = status
    if status in TERMINAL:
        entitlement.terminated_at = now()


def _activate(entitlement: Entitlement) -> None:
    move_entitlement(entitlement, EntitlementStatus.ACTIVE)
    policy = entitlement.policy_version
    entitlement.activated_at = now()
    entitlement.remaining_reads = policy.max_reads
    if policy.ttl_seconds is not None:
        entitlement.expires_at = now() + timedelta(seconds=policy.ttl_seconds)
    entitlement.save()


def _record(verb: str, payment: Payment, *, by: Actor, **details: str) -> None:
    # Without the payment hash: the audit log is for members, and the hash is half of a proof.
    record(
        f"payment.{verb}",
        "payment",
        str(payment.pk),
        by=by,
        tenant=payment.domain.name,
        offer=str(payment.offer_id),
        subject=payment.offer.subject,
        amountSatoshis=payment.amount_satoshis,
        **details,
    )

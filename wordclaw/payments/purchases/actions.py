"""Buying and paying back."""

from django.db import transaction

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from foundation.l402.headers import read_preimage
from foundation.text.input import read_uuid
from wordclaw.payments.access.challenges import Challenge, challenge_again, make_challenge
from wordclaw.payments.access.credentials import Reader
from wordclaw.payments.errors import EntitlementNotFound, ReasonRequired
from wordclaw.payments.models import (
    Entitlement,
    EntitlementStatus,
    Offer,
    PaymentStatus,
)
from wordclaw.payments.models.payments import REASON_LENGTH
from wordclaw.payments.offers.actions import require_payments, require_sold
from wordclaw.payments.offers.queries import find_offer
from wordclaw.payments.purchases.queries import entitlements_of, find_own_payment, with_parts
from wordclaw.payments.revenue.actions import add_refund
from wordclaw.payments.settlement.actions import (
    can_be_settled,
    entitlement_of,
    is_proof_of_payment,
    lock_payment,
    move_entitlement,
    settle_payment,
)
from wordclaw.policy.models import Domain


def check_purchase(domain: Domain, offer_id: str, *, by: Actor) -> Offer:
    """Return the offer that can be bought now.

    Raises OfferNotFound, OfferInactive or SellerUnavailable.
    """
    by.require_user()
    offer = find_offer(domain, offer_id)
    require_sold(offer)
    return offer


def purchase(domain: Domain, offer_id: str, reader: Reader) -> Challenge:
    """Return a challenge with an entitlement that waits for its payment.

    Raises OfferNotFound, OfferInactive and what `make_challenge` raises.
    """
    return make_challenge(check_purchase(domain, offer_id, by=reader.by), reader, is_purchase=True)


@transaction.atomic
def confirm_payment(payment_hash: str, preimage: str, *, by: Actor) -> Entitlement:
    """Return the right of a payment for its proof; the same right if called again.

    Raises PaymentNotFound, or PaymentRequired if the preimage is wrong or came too late.
    """
    payment = find_own_payment(payment_hash, by)
    secret = read_preimage(preimage)
    if secret is None or not is_proof_of_payment(payment, secret):
        raise challenge_again(payment).refusal("invalid")
    if not can_be_settled(payment):
        is_late = payment.status == PaymentStatus.PENDING
        raise challenge_again(payment).refusal(PaymentStatus.EXPIRED if is_late else payment.status)
    entitlement = settle_payment(payment.pk, by=by)
    return with_parts(Entitlement.objects.filter(pk=entitlement.pk)).get()


@transaction.atomic
def refund(domain: Domain, entitlement_id: str, reason: str, *, by: Actor) -> Entitlement:
    """Revoke an entitlement, because the seller pays its price back.

    Raises EntitlementNotFound, ReasonRequired or InvalidTransition.
    """
    require_payments(domain, by, resource_type="entitlement", resource_id=entitlement_id)
    row = entitlements_of(domain).filter(pk=read_uuid(entitlement_id)).first()
    if row is None:
        raise EntitlementNotFound
    if not reason.strip():
        raise ReasonRequired
    payment = lock_payment(row.payment_id)
    entitlement = entitlement_of(payment)
    assert entitlement is not None  # noqa: S101 - it was found above
    move_entitlement(entitlement, EntitlementStatus.REVOKED)
    entitlement.revocation_reason = reason.strip()[:REASON_LENGTH]
    entitlement.save()
    payment.owed_back_at = payment.updated_at = now()
    payment.save()
    add_refund(payment)
    record(
        "entitlement.refund",
        "entitlement",
        str(entitlement.pk),
        by=by,
        tenant=domain.name,
        subject=entitlement.offer.subject,
        amountSatoshis=payment.amount_satoshis,
        reason=entitlement.revocation_reason,
    )
    return with_parts(Entitlement.objects.filter(pk=entitlement.pk)).get()

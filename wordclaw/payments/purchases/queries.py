"""Entitlements and payments of buyers and of sellers."""

from django.db.models import QuerySet

from foundation.actor import Actor
from foundation.l402.headers import is_payment_hash
from foundation.text.input import read_uuid
from wordclaw.payments.errors import EntitlementNotFound, PaymentNotFound
from wordclaw.payments.models import Entitlement, Payment
from wordclaw.policy.models import Domain


def own_entitlements(by: Actor) -> QuerySet[Entitlement]:
    """Return the user's entitlements; for a bound key, those of its domain."""
    rows = Entitlement.objects.filter(user_id=by.require_user().pk)
    if by.bound_to:
        rows = rows.filter(domain__name=by.bound_to.removeprefix("@"))
    return with_parts(rows)


def with_parts(rows: QuerySet[Entitlement]) -> QuerySet[Entitlement]:
    """Return the rows with all related rows that an answer shows."""
    return rows.select_related("domain", "offer", "policy_version", "payment", "user")


def find_own_entitlement(entitlement_id: str, by: Actor) -> Entitlement:
    """Return an entitlement of the user. Raises EntitlementNotFound."""
    entitlement = own_entitlements(by).filter(pk=read_uuid(entitlement_id)).first()
    if entitlement is None:
        raise EntitlementNotFound
    return entitlement


def entitlements_of(domain: Domain) -> QuerySet[Entitlement]:
    """Return what a domain sold and what waits for its payment."""
    return with_parts(Entitlement.objects.filter(domain=domain))


def find_own_payment(payment_hash: str, by: Actor) -> Payment:
    """Return a payment of the actor's user. Raises PaymentNotFound."""
    user = by.require_user()
    # PostgreSQL stores no NUL.
    if not is_payment_hash(payment_hash):
        raise PaymentNotFound
    rows = Payment.objects.filter(user_id=user.pk, payment_hash=payment_hash.lower())
    if by.bound_to:
        rows = rows.filter(domain__name=by.bound_to.removeprefix("@"))
    payment = rows.select_related("domain", "offer", "policy_version").first()
    if payment is None:
        raise PaymentNotFound
    return payment

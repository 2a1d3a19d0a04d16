"""Settlement events of providers, each applied once."""

from django.db import transaction

from foundation.actor import Actor
from foundation.clock import now
from wordclaw.payments.errors import InvalidTransition, ProviderMismatch
from wordclaw.payments.models import Payment, PaymentStatus, SettlementEvent
from wordclaw.payments.providers.choice import require_known_provider
from wordclaw.payments.settlement.actions import (
    end_payment,
    keep_late_money,
    settle_payment,
)

STATUSES = (PaymentStatus.PAID, PaymentStatus.EXPIRED, PaymentStatus.FAILED)


def apply_event(provider: str, event_id: str, payment_hash: str, status: str, *, by: Actor) -> str:
    """Apply an event whose signature is right; return applied, duplicate or unknown.

    An event that could not be applied is tried again when it comes again. Raises UnknownProvider,
    ProviderMismatch or InvalidTransition.
    """
    require_known_provider(provider)
    payment = Payment.objects.filter(payment_hash=payment_hash.lower()).first()
    if payment is None:
        # Not remembered, so that the event counts if it comes again after the payment was stored.
        return "unknown"
    if payment.provider != provider:
        raise ProviderMismatch
    event, _ = SettlementEvent.objects.get_or_create(
        provider=provider, event_id=event_id, defaults={"payment": payment, "status": status}
    )
    try:
        return _apply(event, by=by)
    except InvalidTransition as refusal:
        # After the transaction of the change was rolled back.
        SettlementEvent.objects.filter(pk=event.pk).update(code=refusal.code)
        if event.status == PaymentStatus.PAID:
            keep_late_money(payment.pk, by=by)
        raise


@transaction.atomic
def _apply(event: SettlementEvent, *, by: Actor) -> str:
    # Of two deliveries at once the second waits here and finds the first one applied.
    row = SettlementEvent.objects.select_for_update().get(pk=event.pk)
    if row.applied_at is not None:
        return "duplicate"
    # As it was first received: a later body under the same ID is not another event.
    if row.status == PaymentStatus.PAID:
        settle_payment(row.payment_id, event_id=row.event_id, by=by)
    else:
        end_payment(row.payment_id, row.status, event_id=row.event_id, by=by)
    row.applied_at, row.code = now(), ""
    row.save()
    return "applied"

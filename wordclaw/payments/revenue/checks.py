"""Proof that the entries sum to zero and agree with payments and refunds."""

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Sum

from foundation.batches import walk_by_key
from wordclaw.payments.models import (
    Entitlement,
    EntitlementStatus,
    Payment,
    PaymentStatus,
    RevenueAccount,
    RevenueAllocation,
    RevenueEvent,
    RevenueKind,
)
from wordclaw.payments.revenue.actions import write_refund, write_sale

SETTLED = (PaymentStatus.PAID, PaymentStatus.CONSUMED)


def ledger_problems() -> Iterator[str]:
    """Yield a sentence for each wrong event, and one for each kind of missing ones."""
    total = RevenueAllocation.objects.aggregate(sum=Sum("amount_satoshis"))["sum"] or 0
    if total:
        yield f"All entries sum to {total} satoshis instead of 0."
    for event in _unbalanced_events():
        yield f"The entries of the {event.kind} {event.pk} are not two that sum to 0."
    for event in _wrong_amounts():
        yield f"The {event.kind} {event.pk} has another amount than its payment."
    for event in _without_reason():
        yield f"The {event.kind} {event.pk} belongs to a payment that has none."
    if count := missing_sales().count():
        yield f"{count} paid payments have no entries."
    if count := missing_refunds().count():
        yield f"{count} refunds have no entries."


def missing_sales() -> QuerySet[Payment]:
    """Return paid payments without entries, as from before the ledger was on."""
    paid = Payment.objects.filter(status__in=SETTLED)
    return paid.exclude(revenue_events__kind=RevenueKind.SALE)


def missing_refunds() -> QuerySet[Payment]:
    ended_rights = Entitlement.objects.filter(status=EntitlementStatus.REVOKED)
    rows = Payment.objects.filter(pk__in=ended_rights.values("payment"))
    return rows.exclude(revenue_events__kind=RevenueKind.REFUND)


def complete_ledger() -> int:
    """Write the missing entries of sales and refunds; return how many events."""
    count = 0
    for rows, write in ((missing_sales(), write_sale), (missing_refunds(), write_refund)):
        for ids in walk_by_key(rows):
            with transaction.atomic():
                payments = rows.select_related("domain").select_for_update(of=("self",))
                for payment in payments.filter(pk__in=ids):
                    write(payment)
                    count += 1
    return count


def _unbalanced_events() -> QuerySet[RevenueEvent]:
    sums = RevenueEvent.objects.annotate(
        sum=Sum("allocations__amount_satoshis"), count=Count("allocations")
    )
    return sums.filter(~Q(sum=0) | ~Q(count=2))


def _wrong_amounts() -> QuerySet[RevenueEvent]:
    rows = RevenueEvent.objects.filter(
        payment__isnull=False, allocations__account=RevenueAccount.SELLER
    )
    price = F("payment__amount_satoshis")
    is_sale = Q(kind=RevenueKind.SALE)
    wrong = (is_sale & ~Q(allocations__amount_satoshis=-price)) | (
        ~is_sale & ~Q(allocations__amount_satoshis=price)
    )
    return rows.filter(wrong)


def _without_reason() -> QuerySet[RevenueEvent]:
    sales = Q(kind=RevenueKind.SALE) & ~Q(payment__status__in=SETTLED)
    refunds = Q(kind=RevenueKind.REFUND) & ~Q(
        payment__entitlement__status=EntitlementStatus.REVOKED
    )
    return RevenueEvent.objects.filter(sales | refunds)

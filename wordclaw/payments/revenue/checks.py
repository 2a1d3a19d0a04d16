"""Proof that the entries sum to zero and agree with payments and refunds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Sum

from foundation.batches import walk_by_key
from wordclaw.payments.models import (
    Entitlement,
    EntitlementStatus,
    Payment,
    PaymentStatus,
    RevenueAllocation,
    RevenueEvent,
    RevenueKind,
)
from wordclaw.payments.revenue.actions import (
    ACCOUNTS,
    write_late_money,
    write_refund,
    write_return,
    write_sale,
)

SETTLED = (PaymentStatus.PAID, PaymentStatus.CONSUMED)
ENDED = (PaymentStatus.EXPIRED, PaymentStatus.FAILED)
LATE = Q(owed_back_at__isnull=False, status__in=ENDED)


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
    for kind in missing_events():
        if count := kind.payments.count():
            yield f"{count} {kind.title} have no entries."


@dataclass(frozen=True, slots=True)
class MissingEvents:
    """Payments that have no entries of one kind, as from before the ledger was on."""

    title: str
    payments: QuerySet[Payment]
    write: Callable[[Payment], None]


def missing_events() -> list[MissingEvents]:
    """Return the missing events of each kind, in the order in which they are written."""
    return [
        MissingEvents("paid payments", missing_sales(), write_sale),
        MissingEvents("refunds", missing_refunds(), write_refund),
        MissingEvents("payments that came too late", missing_late_money(), write_late_money),
        MissingEvents("returns", missing_returns(), write_return),
    ]


def missing_sales() -> QuerySet[Payment]:
    """Return paid payments without entries, as from before the ledger was on."""
    paid = Payment.objects.filter(status__in=SETTLED)
    return paid.exclude(revenue_events__kind=RevenueKind.SALE)


def missing_refunds() -> QuerySet[Payment]:
    ended_rights = Entitlement.objects.filter(status=EntitlementStatus.REVOKED)
    rows = Payment.objects.filter(pk__in=ended_rights.values("payment"))
    return rows.exclude(revenue_events__kind=RevenueKind.REFUND)


def missing_late_money() -> QuerySet[Payment]:
    rows = Payment.objects.filter(LATE)
    return rows.exclude(revenue_events__kind=RevenueKind.LATE)


def missing_returns() -> QuerySet[Payment]:
    rows = Payment.objects.filter(returned_at__isnull=False)
    return rows.exclude(revenue_events__kind=RevenueKind.RETURN)


def complete_ledger() -> int:
    """Write the missing entries; return how many events."""
    count = 0
    for kind in missing_events():
        for ids in walk_by_key(kind.payments):
            with transaction.atomic():
                rows = kind.payments.select_related("domain").select_for_update(of=("self",))
                for payment in rows.filter(pk__in=ids):
                    kind.write(payment)
                    count += 1
    return count


def _unbalanced_events() -> QuerySet[RevenueEvent]:
    sums = RevenueEvent.objects.annotate(
        sum=Sum("allocations__amount_satoshis"), count=Count("allocations")
    )
    return sums.filter(~Q(sum=0) | ~Q(count=2))


def _wrong_amounts() -> QuerySet[RevenueEvent]:
    rows = RevenueEvent.objects.filter(payment__isnull=False)
    price = F("payment__amount_satoshis")
    wrong = Q()
    for kind, (debited_account, credited_account) in ACCOUNTS.items():
        debit = Q(allocations__account=debited_account, allocations__amount_satoshis=price)
        credit = Q(allocations__account=credited_account, allocations__amount_satoshis=-price)
        wrong |= Q(kind=kind) & ~debit & ~credit
    return rows.filter(wrong).distinct()


def _without_reason() -> QuerySet[RevenueEvent]:
    sales = Q(kind=RevenueKind.SALE) & ~Q(payment__status__in=SETTLED)
    refunds = Q(kind=RevenueKind.REFUND) & ~Q(
        payment__entitlement__status=EntitlementStatus.REVOKED
    )
    late_money = Q(kind=RevenueKind.LATE) & (
        Q(payment__owed_back_at=None) | ~Q(payment__status__in=ENDED)
    )
    returns = Q(kind=RevenueKind.RETURN, payment__returned_at=None)
    return RevenueEvent.objects.filter(sales | refunds | late_money | returns)

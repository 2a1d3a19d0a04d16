"""Balances of sellers, from the entries of the ledger."""

from dataclasses import dataclass

from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from wordclaw.payments.models import (
    AgentProfile,
    AllocationStatus,
    AllocationStatusEvent,
    PayoutTransfer,
    RevenueAccount,
    RevenueAllocation,
    RevenueEvent,
    RevenueKind,
)
from wordclaw.policy.models import Domain


@dataclass(frozen=True, slots=True)
class Revenue:
    """Sums of a domain in satoshis; ``balance`` is what the operator owes to it.

    It is negative if a price was paid back after it was paid out.
    """

    sold: int = 0
    refunded: int = 0
    paid_out: int = 0

    @property
    def balance(self) -> int:
        return self.sold - self.refunded - self.paid_out


def revenue_of(domain: Domain) -> Revenue:
    """Return the sums of a domain, in one query."""
    entries = RevenueAllocation.objects.filter(
        account=RevenueAccount.SELLER, event__profile__domain=domain
    )
    rows = entries.order_by().values_list("event__kind").annotate(amount=Sum("amount_satoshis"))
    sums = dict(rows)
    return Revenue(
        sold=-sums.get(RevenueKind.SALE, 0),
        refunded=sums.get(RevenueKind.REFUND, 0),
        paid_out=sums.get(RevenueKind.PAYOUT, 0),
    )


def with_sums(profiles: QuerySet[AgentProfile]) -> QuerySet[AgentProfile]:
    """Add the sums of `Revenue` to profiles, as columns of the same names."""

    def sum_of(kind: RevenueKind) -> Coalesce:
        entries = Q(events__kind=kind, events__allocations__account=RevenueAccount.SELLER)
        return Coalesce(Sum("events__allocations__amount_satoshis", filter=entries), 0)

    rows = profiles.annotate(
        sold=-sum_of(RevenueKind.SALE),
        refunded=sum_of(RevenueKind.REFUND),
        paid_out=sum_of(RevenueKind.PAYOUT),
    )
    return rows.annotate(balance=F("sold") - F("refunded") - F("paid_out"))


def payouts_to(profile: AgentProfile) -> QuerySet[PayoutTransfer]:
    """Return what was paid to a seller, the newest first."""
    return PayoutTransfer.objects.filter(event__profile=profile).order_by("-created_at", "id")


def seller_allocation(event: RevenueEvent) -> RevenueAllocation:
    """Return the seller's entry of an event."""
    allocation: RevenueAllocation = event.allocations.get(account=RevenueAccount.SELLER)
    return allocation


def is_cleared(allocation: RevenueAllocation) -> bool:
    """Whether nothing of a sale waits for a payout."""
    return bool(allocation.states.filter(status=AllocationStatus.CLEARED).exists())


def pending_allocations(profile: AgentProfile) -> QuerySet[RevenueAllocation]:
    """Return a seller's shares of sales that were not paid out, oldest first."""
    entries = RevenueAllocation.objects.filter(
        event__profile=profile, event__kind=RevenueKind.SALE, account=RevenueAccount.SELLER
    )
    entries = entries.exclude(states__status=AllocationStatus.CLEARED)
    return entries.order_by("created_at", "id")


def cleared_by_payouts(profile: AgentProfile) -> int:
    """Return the satoshis of the sales that payouts have cleared.

    Without those that were refunded afterwards: the next sales make up for them.
    """
    states = AllocationStatusEvent.objects.filter(
        allocation__event__profile=profile,
        status=AllocationStatus.CLEARED,
        cause__kind=RevenueKind.PAYOUT,
    ).exclude(allocation__states__status=AllocationStatus.DISPUTED)
    return -(states.aggregate(amount=Sum("allocation__amount_satoshis"))["amount"] or 0)

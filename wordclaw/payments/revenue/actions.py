"""Entries of the ledger, each written in the transaction of what it is about.

Every event has two entries that sum to zero:

| event  | debit              | credit             |
|--------|--------------------|--------------------|
| sale   | wallet             | seller             |
| refund | seller             | buyers             |
| payout | seller             | wallet             |
| late   | wallet             | buyers             |
| return | buyers             | wallet             |
"""

from django.conf import settings
from django.db import transaction

from foundation.actor import Actor
from foundation.audit.actions import record
from wordclaw.payments.errors import NothingToPayOut
from wordclaw.payments.models import (
    AgentProfile,
    AllocationStatus,
    AllocationStatusEvent,
    Payment,
    PayoutBatch,
    PayoutTransfer,
    RevenueAccount,
    RevenueAllocation,
    RevenueEvent,
    RevenueKind,
)
from wordclaw.payments.models.revenue import NOTE_LENGTH
from wordclaw.payments.revenue.queries import (
    cleared_by_payouts,
    is_cleared,
    pending_allocations,
    revenue_of,
    seller_allocation,
)
from wordclaw.policy.models import Domain

ACCOUNTS = {
    RevenueKind.SALE: (RevenueAccount.WALLET, RevenueAccount.SELLER),
    RevenueKind.REFUND: (RevenueAccount.SELLER, RevenueAccount.BUYERS),
    RevenueKind.PAYOUT: (RevenueAccount.SELLER, RevenueAccount.WALLET),
    RevenueKind.LATE: (RevenueAccount.WALLET, RevenueAccount.BUYERS),
    RevenueKind.RETURN: (RevenueAccount.BUYERS, RevenueAccount.WALLET),
}
"""Debited and credited account by the kind of an event."""


def add_sale(payment: Payment) -> None:
    """Add the entries of a payment that was settled now, if the ledger is on.

    The caller holds the lock of the payment, in the transaction that settles it.
    """
    if settings.EXPERIMENTAL_REVENUE:
        write_sale(payment)


def add_refund(payment: Payment) -> None:
    """Add the entries of a payment whose price is paid back, if the ledger is on.

    The caller holds the lock of the payment, in the transaction that revokes the right. A sale
    from before the ledger was switched on gets its entries first.
    """
    if not settings.EXPERIMENTAL_REVENUE:
        return
    if not _has_event(payment, RevenueKind.SALE):
        write_sale(payment)
    write_refund(payment)


def add_late_money(payment: Payment) -> None:
    """Add the entries of money that came too late, if the ledger is on.

    The caller holds the lock of the payment, in the transaction that marks it.
    """
    if settings.EXPERIMENTAL_REVENUE:
        write_late_money(payment)


def add_return(payment: Payment) -> None:
    """Add the entries of money that was paid back, if the ledger is on.

    It is that of a refund, or came too late. The caller holds the lock of the payment, in the
    transaction that marks it. What is from before the ledger was switched on gets its entries
    first.
    """
    if not settings.EXPERIMENTAL_REVENUE:
        return
    if not payment.came_too_late:
        if not _has_event(payment, RevenueKind.REFUND):
            add_refund(payment)
    elif not _has_event(payment, RevenueKind.LATE):
        write_late_money(payment)
    write_return(payment)


def _has_event(payment: Payment, kind: RevenueKind) -> bool:
    return bool(RevenueEvent.objects.filter(payment=payment, kind=kind).exists())


def write_late_money(payment: Payment) -> None:
    _add_event(RevenueKind.LATE, _profile_of(payment), payment.amount_satoshis, payment)


def write_return(payment: Payment) -> None:
    _add_event(RevenueKind.RETURN, _profile_of(payment), payment.amount_satoshis, payment)


def _profile_of(payment: Payment) -> AgentProfile:
    profile, _ = AgentProfile.objects.get_or_create(domain=payment.domain)
    return profile


def write_sale(payment: Payment) -> None:
    event = _add_event(RevenueKind.SALE, _profile_of(payment), payment.amount_satoshis, payment)
    _mark(seller_allocation(event), AllocationStatus.PENDING, event)


def write_refund(payment: Payment) -> None:
    """Needs the entries of the sale."""
    sale = RevenueEvent.objects.get(payment=payment, kind=RevenueKind.SALE)
    event = _add_event(RevenueKind.REFUND, sale.profile, payment.amount_satoshis, payment)
    allocation = seller_allocation(sale)
    # Disputed: it was paid out before.
    status = AllocationStatus.DISPUTED if is_cleared(allocation) else AllocationStatus.CLEARED
    _mark(allocation, status, event)


@transaction.atomic
def record_payout(
    domain: Domain, amount_satoshis: int, *, reference: str = "", by: Actor
) -> PayoutTransfer:
    """Record what the operator has paid to a domain outside of the shop.

    The oldest sales that it covers are cleared. Raises NothingToPayOut for more than is owed.
    """
    profile = AgentProfile.objects.select_for_update().filter(domain=domain).first()
    balance = revenue_of(domain).balance
    if profile is None or not 1 <= amount_satoshis <= balance:
        raise NothingToPayOut(balanceSatoshis=balance)
    event = _add_event(RevenueKind.PAYOUT, profile, amount_satoshis, None)
    transfer: PayoutTransfer = PayoutTransfer.objects.create(
        batch=PayoutBatch.objects.create(),
        event=event,
        amount_satoshis=amount_satoshis,
        reference=reference[:NOTE_LENGTH],
    )
    _clear_sales(profile, event)
    record(
        "revenue.payout",
        "payout",
        str(transfer.pk),
        by=by,
        tenant=domain.name,
        amountSatoshis=amount_satoshis,
        reference=transfer.reference,
    )
    return transfer


def _clear_sales(profile: AgentProfile, payout: RevenueEvent) -> None:
    """Clear the oldest pending sales that all payouts to a profile cover."""
    remaining_amount = revenue_of(profile.domain).paid_out - cleared_by_payouts(profile)
    for allocation in pending_allocations(profile):
        remaining_amount += allocation.amount_satoshis
        if remaining_amount < 0:
            return
        _mark(allocation, AllocationStatus.CLEARED, payout)


def _add_event(
    kind: RevenueKind, profile: AgentProfile, amount_satoshis: int, payment: Payment | None
) -> RevenueEvent:
    event: RevenueEvent = RevenueEvent.objects.create(kind=kind, profile=profile, payment=payment)
    debited_account, credited_account = ACCOUNTS[kind]
    amounts = {debited_account: amount_satoshis, credited_account: -amount_satoshis}
    for account, amount in amounts.items():
        RevenueAllocation.objects.create(event=event, account=account, amount_satoshis=amount)
    return event


def _mark(allocation: RevenueAllocation, status: str, cause: RevenueEvent) -> None:
    AllocationStatusEvent.objects.create(allocation=allocation, status=status, cause=cause)

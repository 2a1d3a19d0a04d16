"""The ledger of sales, in double entry, behind the flag ``EXPERIMENTAL_REVENUE``.

All rows are added and never changed: a refund has entries of its own against those of the sale.
"""

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from foundation.clock import now
from foundation.immutable import AppendOnly, AppendOnlyQuerySet
from wordclaw.payments.models.payments import Payment
from wordclaw.policy.models import Domain

NOTE_LENGTH = 200


class RevenueKind(models.TextChoices):
    SALE = "sale"
    REFUND = "refund"
    PAYOUT = "payout"
    # Money that came after the end of its payment.
    LATE = "late"
    # A refund or late money was paid back.
    RETURN = "return"


class RevenueAccount(models.TextChoices):
    """An account of the ledger. Debits are positive, credits negative."""

    # What the wallet of this instance holds.
    WALLET = "wallet"
    # What the operator owes to the domain that sold.
    SELLER = "seller"
    # What is owed to buyers whose price is paid back by hand.
    BUYERS = "buyers"


class AllocationStatus(models.TextChoices):
    PENDING = "pending"
    # It was paid out, and then paid back to the buyer.
    DISPUTED = "disputed"
    CLEARED = "cleared"


class AgentProfile(models.Model):
    """The receiver of the money of a domain's sales."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    domain = models.OneToOneField(Domain, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["AgentProfile"]()

    class Meta:
        db_table = "agent_profiles"
        verbose_name = _("seller")
        verbose_name_plural = _("sellers")

    def __str__(self) -> str:
        return str(self.domain)


class RevenueEvent(AppendOnly):
    """A movement of money; its allocations sum to zero."""

    Kind = RevenueKind

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=6, choices=RevenueKind)
    profile = models.ForeignKey(AgentProfile, models.PROTECT, related_name="events")
    # Null for a payout.
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, related_name="revenue_events")
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = AppendOnlyQuerySet["RevenueEvent"].as_manager()

    class Meta:
        db_table = "revenue_events"
        base_manager_name = "objects"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=RevenueKind.values), name="revenue_kind_is_known"
            ),
            models.UniqueConstraint(
                fields=["payment", "kind"],
                name="one_revenue_event_per_payment_and_kind",
                condition=models.Q(payment__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["profile", "created_at", "id"], name="revenue_of_a_profile")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class RevenueAllocation(AppendOnly):
    """One entry of an event: debits are positive, credits negative."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    event = models.ForeignKey(RevenueEvent, models.PROTECT, related_name="allocations")
    account = models.CharField(max_length=6, choices=RevenueAccount)
    amount_satoshis = models.BigIntegerField()
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = AppendOnlyQuerySet["RevenueAllocation"].as_manager()

    class Meta:
        db_table = "revenue_allocations"
        base_manager_name = "objects"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(account__in=RevenueAccount.values),
                name="revenue_account_is_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(amount_satoshis=0), name="revenue_entry_has_an_amount"
            ),
            models.UniqueConstraint(
                fields=["event", "account"], name="one_entry_per_event_and_account"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.amount_satoshis}"


class AllocationStatusEvent(AppendOnly):
    """A state of what a seller gets of a sale.

    First it is pending, then cleared, and disputed after a refund of what was paid out.
    """

    Status = AllocationStatus

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    allocation = models.ForeignKey(RevenueAllocation, models.PROTECT, related_name="states")
    status = models.CharField(max_length=8, choices=AllocationStatus)
    # The event that led to it: the sale, the refund or the payout.
    cause = models.ForeignKey(RevenueEvent, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = AppendOnlyQuerySet["AllocationStatusEvent"].as_manager()

    class Meta:
        db_table = "allocation_status_events"
        base_manager_name = "objects"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=AllocationStatus.values),
                name="allocation_status_is_known",
            ),
            models.UniqueConstraint(
                fields=["allocation", "status"], name="one_event_per_allocation_and_status"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.allocation_id} {self.status}"


class PayoutBatch(AppendOnly):
    """Payouts that the operator made together, outside of the shop."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    note = models.CharField(max_length=NOTE_LENGTH, blank=True)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = AppendOnlyQuerySet["PayoutBatch"].as_manager()

    class Meta:
        db_table = "payout_batches"
        base_manager_name = "objects"

    def __str__(self) -> str:
        return str(self.pk)


class PayoutTransfer(AppendOnly):
    """One payout to one domain, with the operator's reference for it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(PayoutBatch, models.PROTECT, related_name="transfers")
    event = models.OneToOneField(RevenueEvent, models.PROTECT, related_name="transfer")
    amount_satoshis = models.PositiveBigIntegerField()
    reference = models.CharField(max_length=NOTE_LENGTH, blank=True)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = AppendOnlyQuerySet["PayoutTransfer"].as_manager()

    class Meta:
        db_table = "payout_transfers"
        base_manager_name = "objects"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_satoshis__gte=1), name="payout_has_an_amount"
            )
        ]

    def __str__(self) -> str:
        return f"{self.amount_satoshis} {self.reference}"

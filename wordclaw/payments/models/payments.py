"""Payments, their tokens, and the entitlements of buyers."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from foundation.clock import now
from foundation.immutable import AppendOnly, AppendOnlyQuerySet
from wordclaw.payments.models.offers import (
    SUBJECT_ID_LENGTH,
    SUBJECT_TYPE_LENGTH,
    LicencePolicyVersion,
    Offer,
)
from wordclaw.policy.models import Domain

HASH_LENGTH = 64
PATH_LENGTH = 500
REASON_LENGTH = 500


class PaymentStatus(models.TextChoices):
    PENDING = "pending"
    PAID = "paid"
    # All reads of it are used up.
    CONSUMED = "consumed"
    EXPIRED = "expired"
    FAILED = "failed"


class EntitlementStatus(models.TextChoices):
    PENDING_PAYMENT = "pending_payment"
    ACTIVE = "active"
    EXHAUSTED = "exhausted"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Payment(models.Model):
    """One invoice of a provider. ``payments`` of the data model.

    Without a user it belongs to the holder of its token. The preimage is stored nowhere.
    """

    Status = PaymentStatus

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="+")
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="payments")
    # The sale pins it: a later version of the policy changes nothing for this buyer.
    policy_version = models.ForeignKey(LicencePolicyVersion, models.PROTECT, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="payments"
    )
    payment_hash = models.CharField(max_length=HASH_LENGTH, unique=True)
    provider = models.CharField(max_length=16)
    provider_invoice_id = models.CharField(max_length=200, blank=True)
    payment_request = models.TextField(help_text="The invoice (BOLT 11)")
    amount_satoshis = models.PositiveBigIntegerField()
    status = models.CharField(max_length=8, choices=PaymentStatus, default=PaymentStatus.PENDING)
    expires_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    failure_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    # Money that came after the end gave no right; a refund ended the right.
    owed_back_at = models.DateTimeField(
        null=True, help_text="Since when the money is owed to its sender"
    )
    returned_at = models.DateTimeField(
        null=True, help_text="When the operator has paid a refund or late money back"
    )
    last_event_id = models.CharField(max_length=200, blank=True)
    resource_path = models.CharField(max_length=PATH_LENGTH, blank=True)
    actor_id = models.CharField(max_length=64, blank=True, help_text="A user's ID, or empty")
    details = models.JSONField(default=dict)
    # When the provider is asked next; null when nothing is open.
    next_check_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True, help_text="When the provider was asked last")
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["Payment"]()

    class Meta:
        db_table = "payments"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=PaymentStatus.values), name="payment_status_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(amount_satoshis__gte=1), name="payment_has_an_amount"
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_check_at"],
                name="payments_to_check",
                condition=models.Q(next_check_at__isnull=False),
            ),
            models.Index(
                fields=["expires_at"],
                name="open_payments",
                condition=models.Q(status="pending"),
            ),
            models.Index(
                fields=["owed_back_at"],
                name="payments_to_return",
                condition=models.Q(owed_back_at__isnull=False, returned_at=None),
            ),
            models.Index(fields=["domain", "-created_at", "id"], name="payments_newest_first"),
            models.Index(fields=["offer", "status"], name="payments_of_an_offer"),
        ]

    def __str__(self) -> str:
        return f"{self.payment_hash[:12]} {self.status}"

    @property
    def is_owed_back(self) -> bool:
        """Whether the operator has to pay the money back."""
        return self.owed_back_at is not None and self.returned_at is None

    @property
    def came_too_late(self) -> bool:
        """Whether the money came after the end of the payment, and gave no right."""
        has_ended = self.status in (PaymentStatus.EXPIRED, PaymentStatus.FAILED)
        return has_ended and self.owed_back_at is not None


class PaymentToken(models.Model):
    """The root key of one token, encrypted; the token itself is stored nowhere."""

    token_id = models.CharField(primary_key=True, max_length=HASH_LENGTH)
    payment = models.OneToOneField(Payment, models.CASCADE, related_name="token")
    root_key = models.TextField(help_text="Encrypted")
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["PaymentToken"]()

    class Meta:
        db_table = "l402_tokens"

    def __str__(self) -> str:
        return self.token_id[:12]


class Entitlement(models.Model):
    """The right of a buyer to read, from one payment.

    The table is ``entitlements`` of the data model. It belongs to a user and not to a key;
    without a user, to the holder of the token.
    """

    Status = EntitlementStatus

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="+")
    offer = models.ForeignKey(Offer, models.PROTECT, related_name="entitlements")
    policy_version = models.ForeignKey(LicencePolicyVersion, models.PROTECT, related_name="+")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="entitlements"
    )
    payment = models.OneToOneField(Payment, models.PROTECT, related_name="entitlement")
    status = models.CharField(
        max_length=15, choices=EntitlementStatus, default=EntitlementStatus.PENDING_PAYMENT
    )
    remaining_reads = models.PositiveIntegerField(null=True, help_text="Null: without a limit")
    expires_at = models.DateTimeField(null=True)
    activated_at = models.DateTimeField(null=True)
    terminated_at = models.DateTimeField(null=True)
    revocation_reason = models.CharField(max_length=REASON_LENGTH, blank=True)
    # The data model has it for delegated grants, which are not offered.
    delegated_from = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["Entitlement"]()

    class Meta:
        db_table = "entitlements"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=EntitlementStatus.values),
                name="entitlement_status_is_known",
            ),
            # The last word: no right without a payment that was confirmed.
            models.CheckConstraint(
                condition=models.Q(activated_at__isnull=False) | ~models.Q(status="active"),
                name="active_entitlement_was_activated",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at", "id"], name="entitlements_of_a_user"),
            models.Index(fields=["offer", "-created_at", "id"], name="entitlements_of_an_offer"),
            models.Index(
                fields=["expires_at"],
                name="entitlements_that_end",
                condition=models.Q(status="active", expires_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.status}"


class AccessEvent(AppendOnly):
    """One read with an entitlement.

    ``counted_hour`` is set where a version is counted once an hour, however often it is read.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entitlement = models.ForeignKey(Entitlement, models.PROTECT, related_name="reads")
    subject_type = models.CharField(max_length=SUBJECT_TYPE_LENGTH)
    subject_id = models.CharField(max_length=SUBJECT_ID_LENGTH)
    version = models.CharField(max_length=128, blank=True)
    counted_hour = models.DateTimeField(null=True)
    door = models.CharField(max_length=16)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = AppendOnlyQuerySet["AccessEvent"].as_manager()

    class Meta:
        db_table = "access_events"
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["entitlement", "subject_type", "subject_id", "version", "counted_hour"],
                name="one_read_per_version_and_hour",
                condition=models.Q(counted_hour__isnull=False),
            )
        ]
        indexes = [
            models.Index(fields=["entitlement", "-created_at"], name="reads_of_an_entitlement")
        ]

    def __str__(self) -> str:
        return f"{self.entitlement_id} {self.subject_type}:{self.subject_id}"


class SettlementEvent(models.Model):
    """One event of a provider, so that it is applied once.

    ``applied_at`` is null if it could not be applied.
    """

    id = models.BigAutoField(primary_key=True)
    provider = models.CharField(max_length=16)
    event_id = models.CharField(max_length=200)
    payment = models.ForeignKey(Payment, models.CASCADE, related_name="events")
    status = models.CharField(max_length=8)
    code = models.CharField(max_length=64, blank=True, help_text="Why it was not applied")
    applied_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["SettlementEvent"]()

    class Meta:
        db_table = "settlement_events"
        constraints = [
            models.UniqueConstraint(
                fields=["provider", "event_id"], name="one_row_per_provider_and_event"
            )
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.event_id}"


class MockInvoice(models.Model):
    """An invoice of the mock provider, for development."""

    payment_hash = models.CharField(primary_key=True, max_length=HASH_LENGTH)
    preimage = models.TextField(help_text="Encrypted")
    amount_satoshis = models.PositiveBigIntegerField()
    expires_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["MockInvoice"]()

    class Meta:
        db_table = "mock_invoices"

    def __str__(self) -> str:
        return self.payment_hash[:12]

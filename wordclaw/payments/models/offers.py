"""Licence policies with their versions, and offers."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from foundation.clock import now
from foundation.immutable import AppendOnly, AppendOnlyQuerySet
from wordclaw.policy.models import Domain

NAME_LENGTH = 120
TERMS_LENGTH = 20_000
SUBJECT_TYPE_LENGTH = 32
# The longest is a version of an agent: scope and name of 64 each, a number of 128, separators.
SUBJECT_ID_LENGTH = 300
# A bitcoin has 10^8 satoshis; the largest invoices of the network are far below this.
MAX_SATOSHIS = 1_000_000_000
MAX_READS = 1_000_000
MAX_TTL_SECONDS = 10 * 365 * 24 * 3600


class LicencePolicy(models.Model):
    """The rights of buyers: reads, time and terms.

    The table is ``licence_policies`` of the data model. A change makes a new version, and a
    sale keeps the version of its time.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["LicencePolicy"]()

    class Meta:
        db_table = "licence_policies"
        indexes = [
            models.Index(fields=["domain", "-created_at", "id"], name="policies_newest_first")
        ]

    def __str__(self) -> str:
        return f"{self.pk} v{self.version}"


class LicencePolicyVersion(AppendOnly):
    """One version of a policy; null means without a limit."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    policy = models.ForeignKey(LicencePolicy, models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField()
    name = models.CharField(max_length=NAME_LENGTH)
    max_reads = models.PositiveIntegerField(null=True)
    ttl_seconds = models.PositiveIntegerField(null=True)
    terms = models.TextField(blank=True)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = AppendOnlyQuerySet["LicencePolicyVersion"].as_manager()

    class Meta:
        db_table = "licence_policy_versions"
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "version"], name="one_row_per_policy_and_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} v{self.version}"


class Offer(models.Model):
    """A subject at a price, under a policy. While it is active, the subject is gated."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="+")
    subject_type = models.CharField(max_length=SUBJECT_TYPE_LENGTH)
    subject_id = models.CharField(
        max_length=SUBJECT_ID_LENGTH, help_text="A UUID, a slug, or @scope/name"
    )
    amount_satoshis = models.PositiveBigIntegerField()
    policy = models.ForeignKey(LicencePolicy, models.PROTECT, related_name="offers")
    is_active = models.BooleanField(default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["Offer"]()

    class Meta:
        db_table = "offers"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(amount_satoshis__gte=1), name="offer_has_a_price"
            )
        ]
        indexes = [
            # Asked for with each read of what could have a price.
            models.Index(
                fields=["subject_id", "subject_type"],
                name="active_offers_of_a_subject",
                condition=models.Q(is_active=True),
            ),
            models.Index(fields=["domain", "-created_at", "id"], name="offers_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.subject_type}:{self.subject_id} at {self.amount_satoshis} sat"

    @property
    def subject(self) -> str:
        """The subject as caveats name it: ``content_item:…``."""
        return f"{self.subject_type}:{self.subject_id}"

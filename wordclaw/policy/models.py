"""Domains (tenants), their members, and the log of decisions."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models

from foundation.clock import now

DOMAIN_NAME_LENGTH = 64


class DomainKind(models.TextChoices):
    STORE = "store"
    SCOPE = "scope"


class MemberRole(models.TextChoices):
    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    READER = "reader"


class Outcome(models.TextChoices):
    ALLOW = "allow"
    DENY = "deny"
    # For content that has a price.
    CHALLENGE = "challenge"


class Domain(models.Model):
    """A tenant: the store's own content, or that of one publisher.

    It is never renamed or deleted.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=DOMAIN_NAME_LENGTH, unique=True)
    kind = models.CharField(max_length=8, choices=DomainKind)
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["Domain"]()

    class Meta:
        db_table = "domains"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=DomainKind.values), name="domain_kind_is_known"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def subject(self) -> str:
        """The subject of keys that are bound to this domain."""
        return f"@{self.name}"


class DomainMember(models.Model):
    """A person's role in a domain; without ``accepted_at`` it is an invitation."""

    Role = MemberRole

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    domain = models.ForeignKey(Domain, models.PROTECT, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="domain_memberships"
    )
    role = models.CharField(max_length=8, choices=MemberRole)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=now)
    # Consent: without it any owner could draw strangers into a domain.
    accepted_at = models.DateTimeField(null=True)

    objects: ClassVar = models.Manager["DomainMember"]()

    class Meta:
        db_table = "domain_members"
        constraints = [
            models.UniqueConstraint(fields=["domain", "user"], name="one_role_per_member"),
            models.CheckConstraint(
                condition=models.Q(role__in=MemberRole.values), name="member_role_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.role}"


class PolicyDecision(models.Model):
    """One decision on an operation. The columns are those of ``policy_decision_logs``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # By name: the log is of this instance, and an import replaces the rows of domains.
    domain_name = models.CharField(max_length=DOMAIN_NAME_LENGTH)
    principal_id = models.CharField(max_length=64, blank=True, help_text="A user's id, or empty")
    operation = models.CharField(max_length=32)
    resource_type = models.CharField(max_length=32)
    resource_id = models.CharField(max_length=200, blank=True)
    environment = models.CharField(max_length=16, help_text="The door, such as api or page")
    outcome = models.CharField(max_length=9, choices=Outcome)
    code = models.CharField(max_length=64, blank=True)
    remediation = models.TextField(blank=True)
    policy_version = models.CharField(max_length=16)
    evaluation_ms = models.FloatField()
    created_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["PolicyDecision"]()

    class Meta:
        db_table = "policy_decision_logs"
        indexes = [
            models.Index(fields=["domain_name", "-created_at", "id"], name="policy_newest_first"),
            # For the daily deletion of old rows.
            models.Index(fields=["created_at"], name="policy_oldest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.outcome}"

"""Offers of agents to other scopes, and the addresses that moved agents have left."""

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from foundation.clock import now
from foundation.immutable import NeverDeleted
from registry.models.agents import Agent


class TransferStatus(models.TextChoices):
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class AgentTransferQuerySet(models.QuerySet["AgentTransfer"]):
    def open(self) -> Self:
        """Offers that can still be accepted."""
        return self.filter(status=TransferStatus.OFFERED, expires_at__gt=now())

    def accepted(self) -> Self:
        return self.filter(status=TransferStatus.ACCEPTED)


class AgentTransfer(models.Model):
    """An offer of an agent to another scope, and what became of it."""

    Status = TransferStatus

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="transfers")
    from_scope = models.CharField(max_length=64, db_index=True)
    to_scope = models.CharField(max_length=64, db_index=True)
    status = models.CharField(max_length=9, choices=TransferStatus, default=TransferStatus.OFFERED)
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    # The accepted ones are the history of an agent.
    never_deleted = NeverDeleted()
    objects: ClassVar = AgentTransferQuerySet.as_manager()

    class Meta:
        db_table = "agent_transfers"
        constraints = [
            models.UniqueConstraint(
                fields=["agent"], condition=Q(status="offered"), name="one_open_offer_per_agent"
            ),
            models.CheckConstraint(
                condition=Q(status__in=TransferStatus.values), name="transfer_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent_id}: @{self.from_scope} → @{self.to_scope}"

    @property
    def new_id(self) -> str:
        """The id of the agent after the transfer."""
        return f"@{self.to_scope}/{self.agent.name}"

    @property
    def is_open(self) -> bool:
        return self.status == TransferStatus.OFFERED and self.expires_at > now()


class FormerAddress(models.Model):
    """An id that a moved agent has left. No other agent ever gets it.

    The row is deleted when the agent moves back.
    """

    id = models.BigAutoField(primary_key=True)
    scope = models.CharField(max_length=64)
    name = models.CharField(max_length=64)
    agent = models.ForeignKey(Agent, models.PROTECT, related_name="former_addresses")
    left_at = models.DateTimeField(default=now)

    objects: ClassVar = models.Manager["FormerAddress"]()

    class Meta:
        db_table = "former_addresses"
        verbose_name_plural = "former addresses"
        constraints = [
            models.UniqueConstraint(fields=["scope", "name"], name="one_agent_per_former_address")
        ]

    def __str__(self) -> str:
        return self.full_id

    @property
    def full_id(self) -> str:
        return f"@{self.scope}/{self.name}"

"""Questions about transfers of agents."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet

from profiles.models import Scope
from registry.models import Agent, AgentTransfer
from registry.transfers.errors import TransferNotFound
from wordclaw.policy.models import DomainMember, MemberRole


def open_transfer_of(agent: Agent) -> AgentTransfer | None:
    """Return the offer of an agent that can still be accepted, or None."""
    return AgentTransfer.objects.open().filter(agent=agent).first()


def owned_scopes(user_id: UUID | None) -> set[str]:
    """Return the scopes whose agents a user may give away, as holder or owner."""
    if user_id is None:
        return set()
    members = DomainMember.objects.filter(
        user_id=user_id, role=MemberRole.OWNER, accepted_at__isnull=False, domain__kind="scope"
    )
    # A domain exists only from its first use on, so the holder of a scope may have no membership.
    held_scopes = Scope.objects.filter(holder_id=user_id).values_list("name", flat=True)
    return set(held_scopes.union(members.values_list("domain__name", flat=True)))


def open_transfers_of(scopes: Collection[str]) -> "QuerySet[AgentTransfer]":
    """Return open offers to and from scopes, the newest first."""
    offers: QuerySet[AgentTransfer] = AgentTransfer.objects.open().filter(
        Q(to_scope__in=scopes) | Q(from_scope__in=scopes)
    )
    return offers.select_related("agent", "offered_by__profile").order_by("-created_at", "id")


def find_transfer(transfer_id: UUID, user_id: UUID | None) -> AgentTransfer:
    """Return an offer to or from a scope that the user owns. Raises TransferNotFound."""
    transfers = AgentTransfer.objects.select_related("agent", "offered_by__profile")
    transfer = transfers.filter(pk=transfer_id).first()
    if transfer is None or not {transfer.from_scope, transfer.to_scope} & owned_scopes(user_id):
        raise TransferNotFound
    return transfer


def moves_of(agent: Agent) -> list[AgentTransfer]:
    """Return the accepted transfers of an agent, the newest first."""
    if agent.moved_at is None:
        return []
    return list(agent.transfers.accepted().order_by("-decided_at", "id"))

"""Offers an agent to another scope, and answers such an offer (ADR 51)."""

from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from foundation.access.actions import revoke_bound_keys
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from profiles.errors import ScopeMirrored
from profiles.mirrored import MIRROR_DOOR
from profiles.models import Scope
from profiles.revisions import bump_person
from registry.agents.actions import lock_agent, lock_checked_agent
from registry.agents.former_addresses import present_id
from registry.agents.texts import set_listing_texts
from registry.errors import NotOwner
from registry.models import (
    Agent,
    AgentTransfer,
    Channel,
    FormerAddress,
    StoredPage,
    TransferStatus,
    VersionWithholding,
)
from registry.provenance.actions import is_claimed, remove_trusted_publishers_of_agent
from registry.rules.permissions import OFFICIAL
from registry.transfers.errors import (
    AgentHasOffers,
    NameClaimed,
    NameTaken,
    NotConfirmed,
    OwnScope,
    ReceiverNotOfficial,
    ReceiverSuspended,
    SenderSuspended,
    TooManyTransfers,
    TransferBlocked,
    TransferClosed,
    TransferNotFound,
    TransferPending,
    UnknownScope,
)
from registry.transfers.queries import find_transfer, open_transfer_of
from wordclaw.policy.actions import authorize, find_domain

OPERATION, SCOPE = "domain.transfer", "domain:transfer"
OFFER_LIFETIME = timedelta(days=14)
MAX_OPEN_OFFERS = 20
"""Of one scope, sent or received: a flood of offers would hide the one that is expected."""


@transaction.atomic
def offer_agent(agent: Agent, *, to: str, confirmation: str, by: Actor) -> AgentTransfer:
    """Offer an agent to another scope, whose owner has 14 days to accept.

    ``confirmation`` is the id of the agent, typed again. Raises NotOwner, NotConfirmed or what
    `_refuse_transfer` raises.
    """
    _authorize(agent.scope, agent, by, hidden_as=NotOwner)
    # Or the former owner could give away what another has just accepted.
    agent = lock_checked_agent(agent)
    if confirmation.strip().lower() != agent.full_id:
        raise NotConfirmed
    to_scope = to.strip().lower().removeprefix("@")
    _refuse_transfer(agent, to_scope)
    _close_expired(agent)
    if open_transfer_of(agent) is not None:
        raise TransferPending
    for scopes in ({"from_scope": agent.scope}, {"to_scope": to_scope}):
        if AgentTransfer.objects.open().filter(**scopes).count() >= MAX_OPEN_OFFERS:
            raise TooManyTransfers(
                f"At most {MAX_OPEN_OFFERS} offers of agents from one scope, or to one scope, can"
                " be open."
            )
    moment = now()
    transfer = AgentTransfer.objects.create(
        agent=agent,
        from_scope=agent.scope,
        to_scope=to_scope,
        offered_by_id=by.require_user().pk,
        created_at=moment,
        expires_at=moment + OFFER_LIFETIME,
    )
    record("agent.transfer_offered", "agent", agent.full_id, by=by, **_details(transfer))
    return transfer


def _authorize(
    scope: str, agent: Agent, by: Actor, *, hidden_as: type[NotOwner] | type[TransferNotFound]
) -> None:
    # A key may be bound to the agent, or to the whole domain.
    subject = f"@{scope}"
    by.require(SCOPE, about=subject if by.bound_to == subject else agent.full_id)
    domain = find_domain(scope, by.unbound())
    authorize(
        by,
        OPERATION,
        domain,
        resource_type="agent",
        resource_id=agent.full_id,
        hidden_as=hidden_as,
    )


def _close_expired(agent: Agent) -> None:
    # The constraint allows one row with the status of an open offer.
    rows = AgentTransfer.objects.filter(agent=agent, status=TransferStatus.OFFERED)
    rows.filter(expires_at__lte=now()).update(status=TransferStatus.EXPIRED)


def _refuse_transfer(agent: Agent, to_scope: str) -> User:
    """Return the user who gets the agent. The caller has locked the agent.

    Raises OwnScope, UnknownScope, ScopeMirrored, ReceiverSuspended, TransferBlocked,
    AgentHasOffers, NameTaken, NameClaimed or ReceiverNotOfficial.
    """
    if to_scope == agent.scope:
        raise OwnScope
    scope = Scope.objects.select_related("holder").filter(name=to_scope[:65]).first()
    if scope is None:
        raise UnknownScope
    if scope.mirrored_from:
        raise ScopeMirrored(scope.name, scope.mirrored_from)
    receiver: User = scope.holder
    if not receiver.is_active:
        raise ReceiverSuspended
    _refuse_blocked(agent)
    _refuse_taken(agent, to_scope)
    has_official = agent.versions.filter(channel=Channel.OFFICIAL).exists()
    # Or a publisher could lend its mark to any account.
    if has_official and not receiver.has_role(OFFICIAL):
        raise ReceiverNotOfficial
    return receiver


def _refuse_blocked(agent: Agent) -> None:
    # A decision about an agent must not be escaped by giving it to a second account.
    if agent.is_delisted:
        raise TransferBlocked(
            "A maintainer delisted this agent. It stays where it is.", reason="delisted"
        )
    withholdings = VersionWithholding.objects.in_force().filter(version__agent=agent)
    if withholdings.exists():
        raise TransferBlocked(
            "A maintainer withheld a version of this agent. It stays where it is.",
            reason="withheld",
        )
    if agent.has_offers:
        raise AgentHasOffers


def _refuse_taken(agent: Agent, to_scope: str) -> None:
    full_id = f"@{to_scope}/{agent.name}"
    # In this order: an agent that leaves the name between the two queries is seen by the second.
    if Agent.objects.filter(scope=to_scope, name=agent.name).exists():
        raise NameTaken(f"{full_id} is another agent.")
    moved_agents = FormerAddress.objects.filter(scope=to_scope, name=agent.name)
    if moved_agents.exclude(agent=agent).exists():
        raise NameTaken(f"{full_id} was an agent that moved: {present_id(to_scope, agent.name)}.")
    if is_claimed(full_id):
        raise NameClaimed


@transaction.atomic
def accept_transfer(transfer_id: UUID, *, by: Actor) -> Agent:
    """Move an agent, with all that belongs to it, into the scope that it was offered.

    Raises TransferNotFound, TransferClosed, SenderSuspended or what `_refuse_transfer` raises.
    """
    transfer = _lock_transfer(transfer_id, by, side="to_scope")
    agent = transfer.agent
    receiver = _refuse_transfer(agent, transfer.to_scope)
    if not agent.owner_user.is_active or agent.scope != transfer.from_scope:
        raise SenderSuspended
    _decide(transfer, TransferStatus.ACCEPTED, by)
    former_owner_id, former_id = agent.owner_user_id, agent.full_id
    try:
        with transaction.atomic():
            _move(agent, transfer.to_scope, receiver)
    except IntegrityError as error:
        # A publish took the name at the same moment.
        raise NameTaken(f"@{transfer.to_scope}/{agent.name} is another agent.") from error
    removed_count = remove_trusted_publishers_of_agent(former_id, by=by)
    revoked_count = revoke_bound_keys(former_id)
    _mark_as_changed(agent, former_id)
    for user_id in (former_owner_id, receiver.pk):
        bump_person(user_id)
    record(
        "agent.transferred",
        "agent",
        former_id,
        by=by,
        to=agent.full_id,
        keys=revoked_count,
        trustedPublishers=removed_count,
        **_details(transfer),
    )
    return agent


def _move(agent: Agent, to_scope: str, receiver: User) -> None:
    moment = now()
    # Back to an id that it had before: the agent itself is found there again.
    FormerAddress.objects.filter(scope=to_scope, name=agent.name, agent=agent).delete()
    FormerAddress.objects.create(scope=agent.scope, name=agent.name, agent=agent, left_at=moment)
    agent.former_scope, agent.scope, agent.moved_at = agent.scope, to_scope, moment
    agent.owner_user = receiver
    agent.save(update_fields=["former_scope", "scope", "moved_at", "owner_user"])


def _mark_as_changed(agent: Agent, former_id: str) -> None:
    """Update successors, stored pages and listing texts, which depend on the id."""
    successors = Agent.objects.filter(successor=former_id)
    agent_ids = list(successors.order_by("pk").values_list("pk", flat=True))
    successors.filter(pk__in=agent_ids).update(successor=agent.full_id, revision=F("revision") + 1)
    StoredPage.objects.filter(version__agent=agent).delete()
    # The former scope speaks for the agent no longer. Last, because it locks the search index.
    set_listing_texts(agent.pk, {}, {})


@transaction.atomic
def move_mirrored_agent(agent: Agent, to_scope: Scope, *, by: Actor) -> Agent:
    """Move a mirrored agent into another mirrored scope, as at the source.

    ``by`` is the mirror of the scope that it leaves. Raises NotOwner or NameTaken.
    """
    agent = lock_agent(agent.pk)
    if by.door != MIRROR_DOOR or not by.is_user(agent.owner_user_id):
        raise NotOwner
    _refuse_taken(agent, to_scope.name)
    moment = now()
    transfer = AgentTransfer.objects.create(
        agent=agent,
        from_scope=agent.scope,
        to_scope=to_scope.name,
        status=TransferStatus.ACCEPTED,
        offered_by_id=by.require_user().pk,
        decided_by_id=to_scope.holder_id,
        created_at=moment,
        decided_at=moment,
        expires_at=moment,
    )
    former_owner_id, former_id = agent.owner_user_id, agent.full_id
    _move(agent, to_scope.name, to_scope.holder)
    _mark_as_changed(agent, former_id)
    for user_id in (former_owner_id, to_scope.holder_id):
        bump_person(user_id)
    details = _details(transfer) | {"to": agent.full_id}
    record("agent.transferred", "agent", former_id, by=by, keys=0, trustedPublishers=0, **details)
    return agent


@transaction.atomic
def decline_transfer(transfer_id: UUID, *, by: Actor) -> AgentTransfer:
    """Decline an offer. Raises TransferNotFound or TransferClosed."""
    transfer = _lock_transfer(transfer_id, by, side="to_scope")
    _decide(transfer, TransferStatus.DECLINED, by)
    record("agent.transfer_declined", "agent", transfer.agent.full_id, by=by, **_details(transfer))
    return transfer


@transaction.atomic
def cancel_transfer(transfer_id: UUID, *, by: Actor) -> AgentTransfer:
    """Take back an offer. Raises TransferNotFound or TransferClosed."""
    transfer = _lock_transfer(transfer_id, by, side="from_scope")
    _decide(transfer, TransferStatus.CANCELLED, by)
    record("agent.transfer_cancelled", "agent", transfer.agent.full_id, by=by, **_details(transfer))
    return transfer


def cancel_transfers_of(user_id: UUID) -> None:
    """Cancel the open offers of a user whose account is deleted, and those to them."""
    scopes = Scope.objects.filter(holder_id=user_id).values("name")
    offers = AgentTransfer.objects.filter(status=TransferStatus.OFFERED)
    for side in ("from_scope", "to_scope"):
        offers.filter(**{f"{side}__in": scopes}).update(
            status=TransferStatus.CANCELLED, decided_at=now()
        )


def _lock_transfer(transfer_id: UUID, by: Actor, *, side: str) -> AgentTransfer:
    """Return an open offer and its agent, locked. The actor owns the scope ``side``."""
    transfer = find_transfer(transfer_id, by.require_user().pk)
    _authorize(getattr(transfer, side), transfer.agent, by, hidden_as=TransferNotFound)
    # The agent first, as `offer_agent` does.
    agent = lock_agent(transfer.agent_id)
    transfer = AgentTransfer.objects.select_for_update().get(pk=transfer.pk)
    transfer.agent = agent
    if not transfer.is_open:
        status = transfer.status
        if status == TransferStatus.OFFERED:
            status = TransferStatus.EXPIRED
        raise TransferClosed(f"This offer is no longer open: it is {status}.", status=status)
    return transfer


def _decide(transfer: AgentTransfer, status: TransferStatus, by: Actor) -> None:
    transfer.status, transfer.decided_at = status, now()
    transfer.decided_by_id = by.user_id
    transfer.save(update_fields=["status", "decided_at", "decided_by"])


def _details(transfer: AgentTransfer) -> dict[str, str]:
    return {
        "id": str(transfer.pk),
        "fromScope": transfer.from_scope,
        "toScope": transfer.to_scope,
    }

"""Revisions of what pages show of agents; every write that a page shows increases one.

A page that is cached is validated by the revisions of all that it shows (see ADR 19), so whatever
changes something visible calls one of these functions in the transaction of its change.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from foundation.caching.actions import bump_revision
from foundation.caching.queries import get_revision
from registry.models import Agent, AgentPick, Version

CATALOGUE = "catalogue"
"""Which agents are listed or picked, and what is searched, filtered and counted of them."""

RANKING = "ranking"
"""In which order the best matches of a search stand, as far as downloads and ratings decide it."""


def bump_agent(agent_id: UUID) -> None:
    """Mark the pages of an agent and its rows in lists as changed."""
    Agent.objects.filter(pk=agent_id).update(revision=F("revision") + 1)


def bump_agents(condition: Q) -> None:
    """Mark all agents that fulfil a condition as changed."""
    # Locked in one order first, or two of these could wait for each other.
    agents = Agent.objects.select_for_update().filter(condition).order_by("pk")
    agent_ids = list(agents.values_list("pk", flat=True))
    Agent.objects.filter(pk__in=agent_ids).update(revision=F("revision") + 1)


def bump_listing(agent_id: UUID) -> None:
    """Mark an agent as changed, and every list that may hold it."""
    bump_agent(agent_id)
    bump_revision(CATALOGUE)


def bump_agents_with_name(user_id: UUID) -> None:
    """Mark what shows the name of a person: as owner, as author of a version, as maintainer."""
    versions = Version.objects.filter(Q(uploaded_by_user=user_id) | Q(yanked_by_user=user_id))
    bump_agents(Q(owner_user=user_id) | Q(pk__in=versions.values("agent")))
    if AgentPick.objects.filter(picked_by_user=user_id).exists():
        bump_revision(CATALOGUE)


def update_numbers(agent_id: UUID, **columns: Any) -> None:
    """Set downloads or the rating of an agent, and mark what shows them as changed.

    The caller holds the agent's lock.
    """
    before = search_weights([agent_id])
    Agent.objects.filter(pk=agent_id).update(**columns, revision=F("revision") + 1)
    bump_ranking_since(before)


def search_weights(agent_ids: Collection[UUID]) -> dict[UUID, int]:
    """The present weight of each agent, to be compared by `bump_ranking_since`."""
    agents: QuerySet[Agent, tuple[UUID, int]] = Agent.objects.filter(pk__in=agent_ids).values_list(
        "pk", "search_weight"
    )
    return dict(agents)


def bump_ranking_since(before: dict[UUID, int]) -> None:
    """Mark searches as changed if the weight of one of these agents is another one now."""
    if search_weights(before.keys()) != before:
        bump_revision(RANKING)


def catalogue_revision() -> int:
    """Changes whenever a search may find other agents, or count them otherwise."""
    return get_revision(CATALOGUE)

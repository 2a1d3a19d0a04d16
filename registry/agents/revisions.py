"""Revisions of agents; every write that a page shows increases one.

A page that is cached is validated by the revisions of all that it shows (see ADR 19), so whatever
changes something visible calls one of these functions in the transaction of its change.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.db.models import CharField, F, Q, QuerySet, UUIDField

from foundation.caching.actions import bump_revision
from foundation.caching.models import SITE
from foundation.caching.queries import get_revisions, revision_column
from foundation.compiled_query import CompiledQuery, Parameter, list_parameter
from registry.models import Agent, AgentPick, Version
from registry.search_index.actions import CATALOGUE, update_weights

RANKING = "ranking"
"""What is trending, and the order of best matches as far as downloads and ratings decide it."""
MENTIONS = "mentions"
"""What short lists on other pages show of an agent: its name, tagline and icon, if it is listed."""


def bump_agent(agent_id: UUID) -> None:
    """Mark the pages of an agent and its rows in lists as changed."""
    Agent.objects.filter(pk=agent_id).update(revision=F("revision") + 1)


def bump_agents(condition: Q) -> None:
    """Mark all agents that fulfil a condition as changed."""
    # Locked in one order first, or two of these could wait for each other.
    agents = Agent.objects.select_for_update().filter(condition).order_by("pk")
    agent_ids = list(agents.values_list("pk", flat=True))
    Agent.objects.filter(pk__in=agent_ids).update(revision=F("revision") + 1)


def bump_listing(agent_id: UUID, *, is_mention_changed: bool = True) -> None:
    """Mark an agent as changed, and every list that may hold it.

    Most publishes change no mention, and then the pages of similar agents stay as they are.
    """
    bump_agent(agent_id)
    bump_revision(CATALOGUE)
    if is_mention_changed:
        bump_revision(MENTIONS)


def bump_agents_with_name(user_id: UUID) -> None:
    """Mark all pages with a person's name: as owner, publisher or picker."""
    versions = Version.objects.filter(uploaded_by_user=user_id)
    picks = AgentPick.objects.filter(picked_by_user=user_id)
    is_named = Q(pk__in=versions.values("agent")) | Q(pk__in=picks.values("agent"))
    bump_agents(Q(owner_user=user_id) | is_named)


def update_numbers(agent_id: UUID, **columns: Any) -> None:
    """Set downloads or the rating of an agent, and mark what shows them as changed.

    The caller holds the agent's lock.
    """
    # Most downloads change no weight, and then no list of search results is outdated.
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
    """Store changed weights in the search index, and mark searches as changed."""
    weights = search_weights(before.keys())
    if weights != before:
        bump_revision(RANKING)
        update_weights({pk: weight for pk, weight in weights.items() if weight != before.get(pk)})


# --- Reading: for `foundation.web.page_cache.cached_page` --------------------------------------


def agent_revision(_request: object, scope: str, name: str, **_address: str) -> object:
    """The revision of a page about one agent; None where there is no such agent."""
    rows = _revision_by_name_query().tuples(scope=scope, name=name)
    return rows[0] if rows else None


@cache
def _revision_by_name_query() -> CompiledQuery:
    scope, name = Parameter("scope", CharField()), Parameter("name", CharField())
    agents = Agent.objects.filter(scope=scope, name=name)
    # In the same query: any page may show a category or a person, which the site's revision covers.
    return CompiledQuery(agents.values("revision", site=revision_column(SITE)))


@dataclass(frozen=True, slots=True)
class PageRevisions:
    """The revisions of an agent's page, read at one moment.

    ``similar`` are the stored similar agents, None before they were found, and ``mentions`` is the
    revision of what is shown of them.
    """

    agent: int
    similar: bytes | None
    site: int
    mentions: int


def page_revisions(scope: str, name: str) -> PageRevisions | None:
    """As `agent_revision`, and those of its similar agents; one query."""
    rows = _page_revisions_by_name_query().tuples(scope=scope, name=name)
    return PageRevisions(*rows[0]) if rows else None


@cache
def _page_revisions_by_name_query() -> CompiledQuery:
    scope, name = Parameter("scope", CharField()), Parameter("name", CharField())
    agents = Agent.objects.filter(scope=scope, name=name)
    columns = {"site": revision_column(SITE), "mentions": revision_column(MENTIONS)}
    return CompiledQuery(agents.values("revision", "vector__similar", **columns))


def agents_revision(agent_ids: Sequence[UUID]) -> object:
    """The revision of these agents, in this order."""
    query = _revisions_by_ids_query(len(agent_ids))
    revisions = dict(query.tuples(ids=list(agent_ids)))
    # A list whose agents change places is another page, so the order counts.
    return [(str(agent_id), revisions.get(agent_id)) for agent_id in agent_ids]


@lru_cache(maxsize=64)
def _revisions_by_ids_query(count: int) -> CompiledQuery:
    agents = Agent.objects.filter(pk__in=list_parameter("ids", UUIDField(), count))
    return CompiledQuery(agents.values("pk", "revision"))


@dataclass(frozen=True, slots=True)
class SiteRevisions:
    """The named revisions that lists depend on, read at one moment."""

    site: int
    catalogue: int
    ranking: int


def site_revisions() -> SiteRevisions:
    """The present revisions of the site, the catalogue and the ranking; one query."""
    return SiteRevisions(*get_revisions(SITE, CATALOGUE, RANKING))


def catalogue_revision() -> int:
    """Changes whenever a search may find other agents, or count them otherwise."""
    return site_revisions().catalogue

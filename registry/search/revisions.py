"""The revision of a page of search results."""

from collections.abc import Callable
from uuid import UUID

from foundation.caching.values import cached_value
from registry.agents.revisions import agents_revision, site_revisions
from registry.search.query import AgentSearch

# Every download or review can change these orders. The others change with the catalogue, and the
# best matches with the ranking.
VOLATILE_SORTS = {"downloads", "downloads-30d", "rating"}


def results_revision(
    query: AgentSearch, page_number: str, find_agents: Callable[[], list[UUID]]
) -> object:
    """The revision of a numbered page: its counts and the agents it lists.

    ``find_agents`` runs the search. It is not called if the agents of the page are cached.
    """
    revisions = site_revisions()
    if query.sort in VOLATILE_SORTS:
        agent_ids = find_agents()
    else:
        key = ("results", query, page_number)
        agent_ids = cached_value(key, (revisions.catalogue, revisions.ranking), find_agents)
    return revisions.site, revisions.catalogue, agents_revision(agent_ids)

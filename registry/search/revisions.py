"""The revision of a page of search results."""

from uuid import UUID

from foundation.caching.values import cached_value
from registry.agents.revisions import agents_revision, site_revisions
from registry.search.query import AgentSearch
from registry.search.results import search

# Every download or review can change these orders. The others change with the catalogue, and the
# best matches with the ranking.
VOLATILE_SORTS = {"downloads", "downloads-30d", "rating"}


def results_revision(query: AgentSearch, page_number: str, limit: int) -> object:
    """The revision of a numbered page: its counts and the agents it lists."""
    revisions = site_revisions()

    def agent_ids() -> list[UUID]:
        return search(query, limit=limit, page_number=page_number).ids

    if query.sort in VOLATILE_SORTS:
        listed = agent_ids()
    else:
        key = ("results", query, page_number, limit)
        listed = cached_value(key, (revisions.catalogue, revisions.ranking), agent_ids)
    return revisions.site, revisions.catalogue, agents_revision(listed)

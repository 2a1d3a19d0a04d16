"""Lists of all agents, of a category or of a scope: filters and orders in SQL."""

from foundation.paging import Ordering, Sort
from registry.models import Agent, AgentQuerySet
from registry.search.query import RECENT, AgentSearch

# The last of each order, so that rows with equal values have one order and no cursor skips any.
BY_ID = Sort("id")
ORDERINGS: dict[str, Ordering] = {
    RECENT: (Sort("updated_at", descending=True), BY_ID),
    "new": (Sort("created_at", descending=True), BY_ID),
    "name": (Sort("name"), BY_ID),
    "downloads": (Sort("download_count", descending=True), BY_ID),
    "downloads-30d": (Sort("downloads_30d", descending=True), BY_ID),
    "rating": (Sort("avg_rating", descending=True, nullable=True), BY_ID),
}


def needs_index(search: AgentSearch) -> bool:
    """Whether the index answers: for all but lists of all, a category or a scope.

    Those have an index of the database in each order. It would look up all agents to find the few
    of a tag or a rare licence.
    """
    filters = (
        *(search.tags, search.operators, search.channel, search.license, search.provider),
        search.price,
    )
    is_narrow = any(filters) or search.no_secrets or search.language != ""
    return search.has_text or is_narrow


def ordered_agents(agents: AgentQuerySet, sort: str) -> AgentQuerySet:
    return agents.order_by(*[column.order_by() for column in ORDERINGS[sort]])


def listed_agents(search: AgentSearch) -> AgentQuerySet:
    """The agents of a search that needs no index, in its order."""
    agents: AgentQuerySet = Agent.objects.listed()
    if search.scope:
        agents = agents.filter(scope=search.scope)
    if search.category:
        agents = agents.filter(category=search.category)
    return ordered_agents(agents, search.sort)

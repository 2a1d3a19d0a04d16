"""Lists of agents without text and tags: filters and orders in SQL."""

from django.db.models import Q

from foundation.paging import Ordering, Sort
from registry.models import Agent, AgentQuerySet, Channel
from registry.search.query import RECENT, AgentSearch, Operator

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
    """Whether the search index answers: for words, tags and languages.

    A database without bitmaps finds the newest agents of a tag by looking up all of them.
    """
    has_tags = bool(search.tags) or any(operator.kind == "tag" for operator in search.operators)
    has_words = search.has_text or bool(search.excluded_words)
    return has_words or has_tags or search.language != ""


def ordered_agents(agents: AgentQuerySet, sort: str) -> AgentQuerySet:
    return agents.order_by(*[column.order_by() for column in ORDERINGS[sort]])


def listed_agents(search: AgentSearch) -> AgentQuerySet:
    """The agents that pass the filters of a search without text, in its order."""
    agents: AgentQuerySet = Agent.objects.listed()
    if search.channel == Channel.BETA:
        agents = Agent.objects.offering_beta()
    return ordered_agents(_filtered(agents, search), search.sort)


def _filtered(agents: AgentQuerySet, search: AgentSearch) -> AgentQuerySet:
    if search.scope:
        agents = agents.filter(scope=search.scope)
    for operator in search.operators:
        condition = _operator_condition(operator)
        agents = agents.filter(~condition if operator.excludes else condition)
    if search.channel and search.channel != Channel.BETA:
        agents = agents.filter(latest_channel=search.channel)
    if search.category:
        agents = agents.filter(category=search.category)
    if search.license:
        agents = agents.filter(license=search.license)
    if search.provider:
        agents = agents.filter(model_provider=search.provider)
    return agents.filter(requires_secrets=False) if search.no_secrets else agents


def _operator_condition(operator: Operator) -> Q:
    if operator.kind == "scope":
        return Q(scope=operator.value)
    return Q(category=operator.value)

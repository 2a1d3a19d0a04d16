"""Counts the matches of each filter value, with all other filters applied.

Whatever is filtered, one query counts all combinations of the faceted columns, which are few, and
the counts of a facet are sums over them. A second query counts tags, of which an agent has several.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet

from registry.models import NARROWED_BY, OFFERS_BETA, Agent, AgentQuerySet, AgentTag, Channel
from registry.search.matching import apply_filters, apply_uncounted_filters, text_condition
from registry.search.query import RECENT, AgentSearch

COLUMNS = tuple("category_id" if name == "category" else name for name in NARROWED_BY)
# The number of agents, as "n", with one combination of values of the columns.
Combination = dict[str, Any]
# By facet: whether a combination passes the search's filter.
FILTERS: dict[str, Callable[[AgentSearch, Combination], bool]] = {
    "category": lambda search, values: search.category in {"", values["category_id"]},
    "channel": lambda search, values: _is_in_channel(values, search.channel),
    "license": lambda search, values: search.license in {"", values["license"]},
    "provider": lambda search, values: search.provider in {"", values["model_provider"]},
    "no_secrets": lambda search, values: not (search.no_secrets and values["asks_for_secrets"]),
}
# Tags counted before the agents that are not listed are subtracted.
MAX_TAG_CANDIDATES = 500


def _is_in_channel(values: Combination, channel: str) -> bool:
    if channel == Channel.BETA:
        return bool(values["offers_beta"])
    return values["is_listed"] and channel in {"", values["latest_channel"]}


@dataclass(frozen=True)
class FacetCounts:
    """The counts of each facet by its values; values without agents are missing."""

    search: AgentSearch
    combinations: Sequence[Combination]
    # The most frequent tags of the matches.
    tags: Sequence[tuple[str, int]] = ()

    @cached_property
    def total(self) -> int:
        """The number of agents that match the search."""
        return sum(values["n"] for values in self._filtered(""))

    @cached_property
    def categories(self) -> Counter[str]:
        return self._count("category", "category_id")

    @cached_property
    def licenses(self) -> Counter[str]:
        return self._count("license", "license")

    @cached_property
    def providers(self) -> Counter[str]:
        return self._count("provider", "model_provider")

    @cached_property
    def channels(self) -> Counter[str]:
        """The counts by channel; "" is any channel."""
        counts: Counter[str] = Counter()
        for values in self._filtered("channel"):
            for channel in ("", *Channel.values):
                counts[channel] += values["n"] if _is_in_channel(values, channel) else 0
        return counts

    @cached_property
    def without_secrets(self) -> int:
        combinations = self._filtered("no_secrets")
        return sum(values["n"] for values in combinations if not values["asks_for_secrets"])

    def _count(self, facet: str, column: str) -> Counter[str]:
        counts: Counter[str] = Counter()
        for values in self._filtered(facet):
            counts[values[column]] += values["n"]
        return counts

    def _filtered(self, facet: str) -> list[Combination]:
        """The combinations that pass all filters except that of the facet."""
        filters = [passes for name, passes in FILTERS.items() if name != facet]
        return [
            values
            for values in self.combinations
            if all(passes(self.search, values) for passes in filters)
        ]


def count_facets(search: AgentSearch) -> FacetCounts:
    """Count all facets of a search but the tags, in one query."""
    # All other agents pass no channel filter.
    agents = Agent.objects.filter(Q(is_listed=True) | OFFERS_BETA)
    agents = apply_uncounted_filters(agents, search)
    if search.text:
        agents = agents.filter(text_condition(search))
    combinations = agents.order_by().values(*COLUMNS).annotate(n=Count("*"))
    return FacetCounts(search, list(combinations))


def common_tags(search: AgentSearch, limit: int = 12) -> list[tuple[str, int]]:
    """The most frequent tags of the matches with counts, without the searched ones."""
    if replace(search, sort=RECENT) == AgentSearch():
        return _common_tags_of_all(limit)
    tags = AgentTag.objects.exclude(tag__in=search.tags)
    return _most_common(tags.filter(agent__in=_matches(search).values("pk")), limit)


def _common_tags_of_all(limit: int) -> list[tuple[str, int]]:
    """The most frequent tags of all listed agents.

    Nearly all agents are listed, so it is faster to count the tags of all and to subtract those of
    the others.
    """
    unlisted = AgentTag.objects.filter(agent__in=Agent.objects.filter(is_listed=False).values("pk"))
    counts = Counter(dict(_most_common(AgentTag.objects.all(), MAX_TAG_CANDIDATES)))
    for tag, count in _most_common(unlisted):
        if tag in counts:
            counts[tag] -= count
    return sorted((+counts).items(), key=lambda item: (-item[1], item[0]))[:limit]


def _most_common(tags: QuerySet[AgentTag], limit: int | None = None) -> list[tuple[str, int]]:
    counts = tags.order_by().values_list("tag").annotate(n=Count("*")).order_by("-n", "tag")
    return list(counts[:limit])


def _matches(search: AgentSearch) -> AgentQuerySet:
    """The agents that match, as a subquery.

    Written with ``exclude``, SQLite reads the one index with all columns that are asked for.
    Otherwise it takes the smallest index and looks up each row.
    """
    agents = apply_filters(Agent.objects.exclude(is_listed=False), search)
    if search.channel == Channel.BETA:
        agents = apply_filters(Agent.objects.offering_beta(), search)
    return agents.filter(text_condition(search)) if search.text else agents

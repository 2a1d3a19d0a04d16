"""Counts the matches of each filter value, with all other filters applied.

Whatever is filtered, one query counts all combinations of the faceted columns, which are few, and
the counts of a facet are sums over them. A second query counts tags, of which an agent has several.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Count, Q, QuerySet

from registry.models import NARROWED_BY, OFFERS_BETA, Agent, AgentQuerySet, AgentTag, Channel
from registry.search.matching import apply_filters, apply_uncounted_filters, text_condition
from registry.search.query import RECENT, AgentSearch

COLUMNS = tuple("category_id" if name == "category" else name for name in NARROWED_BY)
FACET_COLUMNS = {"category": "category_id", "license": "license", "provider": "model_provider"}
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


@dataclass(frozen=True, slots=True)
class FacetCounts:
    """The counts of each facet by its values; values without agents are missing.

    ``total`` is the number of agents that match the search, and ``without_secrets`` the number that
    would match if secrets were excluded. The channel "" is any channel.
    """

    total: int = 0
    without_secrets: int = 0
    categories: Counter[str] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)
    licenses: Counter[str] = field(default_factory=Counter)
    providers: Counter[str] = field(default_factory=Counter)
    # The most frequent tags of the matches.
    tags: Sequence[tuple[str, int]] = ()


def count_facets(search: AgentSearch) -> FacetCounts:
    """Count all facets of a search but the tags, in one query."""
    # All other agents pass no channel filter.
    agents = Agent.objects.filter(Q(is_listed=True) | OFFERS_BETA)
    agents = apply_uncounted_filters(agents, search)
    if search.text:
        agents = agents.filter(text_condition(search))
    combinations = agents.order_by().values(*COLUMNS).annotate(n=Count("*"))
    return sum_facets(search, combinations)


def sum_facets(search: AgentSearch, combinations: Iterable[Combination]) -> FacetCounts:
    """Sum combinations: each facet over those that pass all other filters."""
    total = without_secrets = 0
    facets: dict[str, Counter[str]] = {name: Counter() for name in FILTERS}
    for values in combinations:
        count = values["n"]
        failed = [name for name, passes in FILTERS.items() if not passes(search, values)]
        if not failed:
            total += count
        for name in FILTERS:
            # The facet's own filter does not count.
            if failed not in ([], [name]):
                continue
            if name == "channel":
                channels = [c for c in ("", *Channel.values) if _is_in_channel(values, c)]
                facets[name].update(dict.fromkeys(channels, count))
            elif name != "no_secrets":
                facets[name][values[FACET_COLUMNS[name]]] += count
            elif not values["asks_for_secrets"]:
                without_secrets += count
    return FacetCounts(
        total=total,
        without_secrets=without_secrets,
        categories=facets["category"],
        channels=facets["channel"],
        licenses=facets["license"],
        providers=facets["provider"],
    )


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

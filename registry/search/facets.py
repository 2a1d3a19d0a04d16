"""How many agents one would find with another choice, for every choice of every facet.

Each facet is counted with all other filters applied and its own aside. One query, whatever is
chosen, counts all combinations, which are few, and the facets are sums over them. Tags, of which an
agent has several, are counted by a second.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import Count, Q, QuerySet

from registry.models import NARROWED_BY, OFFERS_BETA, Agent, AgentQuerySet, AgentTag, Channel
from registry.search.matching import chosen, fits_text, narrowed
from registry.search.query import AgentSearch

COLUMNS = tuple("category_id" if name == "category" else name for name in NARROWED_BY)
Cell = dict[str, Any]
# Facet → whether a combination passes the search's choice of it.
CHOICES: dict[str, Callable[[AgentSearch, Cell], bool]] = {
    "category": lambda search, cell: search.category in {"", cell["category_id"]},
    "channel": lambda search, cell: _is_on(cell, search.channel),
    "license": lambda search, cell: search.license in {"", cell["license"]},
    "provider": lambda search, cell: search.provider in {"", cell["model_provider"]},
    "no_secrets": lambda search, cell: not (search.no_secrets and cell["asks_for_secrets"]),
}


def _is_on(cell: Cell, channel: str) -> bool:
    if channel == Channel.BETA:
        return bool(cell["offers_beta"])
    return cell["is_listed"] and channel in {"", cell["latest_channel"]}


@dataclass(frozen=True)
class FacetCounts:
    """The counts of one checked search; by value, without those of nothing."""

    search: AgentSearch
    cells: Sequence[Cell]

    @cached_property
    def total(self) -> int:
        return sum(cell["n"] for cell in self._passing(""))

    @cached_property
    def categories(self) -> Counter[str]:
        return self._by("category", "category_id")

    @cached_property
    def licenses(self) -> Counter[str]:
        return self._by("license", "license")

    @cached_property
    def providers(self) -> Counter[str]:
        return self._by("provider", "model_provider")

    @cached_property
    def channels(self) -> Counter[str]:
        """By channel; under "" those of every channel."""
        counted: Counter[str] = Counter()
        for cell in self._passing("channel"):
            for channel in ("", *Channel.values):
                counted[channel] += cell["n"] if _is_on(cell, channel) else 0
        return counted

    @cached_property
    def without_secrets(self) -> int:
        cells = self._passing("no_secrets")
        return sum(cell["n"] for cell in cells if not cell["asks_for_secrets"])

    def _by(self, facet: str, column: str) -> Counter[str]:
        counted: Counter[str] = Counter()
        for cell in self._passing(facet):
            counted[cell[column]] += cell["n"]
        return counted

    def _passing(self, aside: str) -> list[Cell]:
        asked = [passes for facet, passes in CHOICES.items() if facet != aside]
        return [cell for cell in self.cells if all(passes(self.search, cell) for passes in asked)]


def count_facets(search: AgentSearch) -> FacetCounts:
    """Every facet of a checked search, and with them how many agents it finds."""
    # One is listed, or offers a pre-release, or both; who is neither fits no choice.
    agents = narrowed(Agent.objects.filter(Q(is_listed=True) | OFFERS_BETA), search)
    if search.text:
        agents = agents.filter(fits_text(search))
    combined = agents.order_by().values(*COLUMNS).annotate(n=Count("*"))
    return FacetCounts(search, list(combined))


def common_tags(search: AgentSearch, *, most: int = 12) -> list[tuple[str, int]]:
    """The most frequent tags of what a checked search finds, with how many have them; without those
    that it asks for already."""
    if replace(search, sort="") == AgentSearch():
        return _all_tags(most)
    tags = AgentTag.objects.exclude(tag__in=search.tags)
    return _most_common(tags.filter(agent__in=_found(search).values("pk")), most)


# A tag that is among the first of those who are listed is among so many of all.
MOST_CANDIDATES = 500


def _all_tags(most: int) -> list[tuple[str, int]]:
    """The most frequent tags of all that are listed. That is nearly everybody: it is quicker to
    count them all, and then those who are not meant."""
    unlisted = AgentTag.objects.filter(agent__in=Agent.objects.filter(is_listed=False).values("pk"))
    counted = Counter(dict(_most_common(AgentTag.objects.all(), MOST_CANDIDATES)))
    for tag, count in _most_common(unlisted):
        if tag in counted:
            counted[tag] -= count
    return sorted((+counted).items(), key=lambda one: (-one[1], one[0]))[:most]


def _most_common(tags: QuerySet[AgentTag], most: int | None = None) -> list[tuple[str, int]]:
    counted = tags.order_by().values_list("tag").annotate(n=Count("*")).order_by("-n", "tag")
    return list(counted[:most])


def _found(search: AgentSearch) -> AgentQuerySet:
    """Like `search_agents`. Said the other way round, SQLite takes the one index that holds all
    that is asked, instead of the smallest, from which it would have to look up every row."""
    agents = chosen(Agent.objects.exclude(is_listed=False), search)
    if search.channel == Channel.BETA:
        agents = chosen(Agent.objects.offering_beta(), search)
    return agents.filter(fits_text(search)) if search.text else agents

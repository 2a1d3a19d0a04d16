"""What a search finds, with all that stands around it: counts, tags, shelves."""

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from time import monotonic
from uuid import UUID

from foundation.audit.queries import LONGEST_UNSEEN, recent_events
from foundation.clock import now
from foundation.compiled_query import CompiledQuery
from registry.agents.detail import Row, rows_of
from registry.models import Agent, Category
from registry.search import (
    AgentSearch,
    FacetCounts,
    InOrder,
    Reading,
    common_tags,
    count_facets,
    readings_of,
)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A category and how many agents a search finds on it."""

    category: Category
    count: int


@dataclass(frozen=True)
class Browsed:
    """What a search finds: how it was taken, every facet, the shelves, the most frequent tags; the
    agents themselves are looked for page by page."""

    reading: Reading
    facets: FacetCounts
    shelves: list[Shelf]
    # The nearest spelling of a text that nothing fits, whether anything fits that or not.
    nearest: str = ""

    @cached_property
    def tags(self) -> list[tuple[str, int]]:
        """Counted when they are asked for: not every page shows them."""
        return common_tags(self.reading.search) if self.facets.total else []

    @property
    def agents(self) -> InOrder:
        return InOrder(self.reading.search, self.facets.total)


def browse_agents(search: AgentSearch) -> Browsed:
    """A checked search with all that its page shows; forgiving where nothing fits by the letter."""
    return _remembered.browsed(search)


def _browse(search: AgentSearch) -> Browsed:
    reading, facets, nearest = Reading(search), FacetCounts(search, []), ""
    for way in readings_of(search):
        counts, nearest = count_facets(way.search), way.spelled
        if counts.total or not way.search.loosely:
            reading, facets = way, counts
        if counts.total:
            break
    return Browsed(reading, facets, _shelves(facets.categories), nearest)


def shelves_of(search: AgentSearch) -> list[Shelf]:
    """Every category with its number of hits, the search's own category left aside."""
    return browse_agents(search).shelves


def _shelves(counts: Mapping[str, int]) -> list[Shelf]:
    return [Shelf(found, counts.get(found.pk, 0)) for found in Category.objects.all()]


def rows_in_order(agent_ids: Sequence[UUID]) -> list[Row]:
    """The rows of these agents, in this order."""
    rows = {row.id: row for row in rows_of(Agent.objects.filter(pk__in=agent_ids))}
    return [rows[found] for found in agent_ids if found in rows]


# --- What a process has counted ---------------------------------------------------------------

# Counting takes most of the time of a page, and many ask the same.
MOST_SEARCHES = 128  # Some 50 kB each, of ten thousand agents.
LONGEST_SEARCH = 200
# What is counted changes with an event about one of these, or together with `updated_at`.
COUNTED = ("agent", "version", "category")


@dataclass(frozen=True, slots=True)
class Mark:
    """What the catalogue was like: when its newest listing moved, and what was recorded lately."""

    newest: datetime | None
    events: frozenset[UUID]


@dataclass(frozen=True, slots=True)
class Counted:
    browsed: Browsed
    mark: Mark
    at: float

    def is_still(self, mark: Mark) -> bool:
        is_fresh = monotonic() - self.at < LONGEST_UNSEEN
        return is_fresh and mark.newest == self.mark.newest and mark.events <= self.mark.events


class Remembered:
    """What this process has counted last. Given again only while nothing has happened since that
    could change it, and for a minute at most: no event tells of what an import brings."""

    def __init__(self) -> None:
        self._counted: OrderedDict[AgentSearch, Counted] = OrderedDict()
        self._lock = threading.Lock()

    def browsed(self, search: AgentSearch) -> Browsed:
        mark = _mark() if len(search.text) <= LONGEST_SEARCH else None
        with self._lock:
            kept = self._counted.get(search)
        if kept and mark and kept.is_still(mark):
            return kept.browsed
        browsed = _browse(search)
        if mark:
            self._keep(search, Counted(browsed, mark, monotonic()))
        return browsed

    def _keep(self, search: AgentSearch, counted: Counted) -> None:
        with self._lock:
            self._counted[search] = counted
            self._counted.move_to_end(search)
            while len(self._counted) > MOST_SEARCHES:
                self._counted.popitem(last=False)

    def forget(self) -> None:
        with self._lock:
            self._counted.clear()


def _mark() -> Mark | None:
    # The log before the rows: what happens in between is then seen as new.
    events = recent_events(now(), COUNTED)
    if events is None:
        return None
    newest = _newest().rows()
    return Mark(newest[0]["updated_at"] if newest else None, events)


@cache
def _newest() -> CompiledQuery:
    return CompiledQuery(Agent.objects.order_by("-updated_at").values("updated_at")[:1])


_remembered = Remembered()


def forget_counts() -> None:
    """Count anew from here on, as a new process would."""
    _remembered.forget()

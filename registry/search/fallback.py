"""What a search does when nothing fits it by the letter. It always says so."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from foundation.paging import Page, belongs_to
from registry.search.query import BEST_MATCH, AgentSearch
from registry.search.ranking import LOOSE_MATCH, list_name, read_place, take
from registry.search.spelling import nearest_spelling


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to take a search. ``spelled`` is the text that is looked for instead of the one asked
    for; with ``loosely`` in the search only some of its words are there, or in the description."""

    search: AgentSearch
    spelled: str = ""

    @property
    def is_loose(self) -> bool:
        return self.search.loosely


def readings_of(search: AgentSearch) -> Iterator[Reading]:
    """The ways to take a checked search, each only for when the one before found nothing: by the
    letter; with the nearest spelling; loosely."""
    yield Reading(search)
    if not search.text:
        return
    spelled = nearest_spelling(search.text)
    if spelled:
        search = replace(search, text=spelled)
        yield Reading(search, spelled)
    yield Reading(replace(search, loosely=True), spelled)


@dataclass(frozen=True, slots=True)
class Taken:
    page: Page[dict[str, Any]]
    reading: Reading


def take_agents(
    search: AgentSearch, columns: tuple[str, ...], *, limit: int, cursor: str | None
) -> Taken:
    """One page of a checked search, each row a dict of ``columns``, and how it was taken; by the
    letter where nothing fits in any way."""
    may_be_loose = search.effective_sort == BEST_MATCH
    if cursor and not (may_be_loose and belongs_to(cursor, LOOSE_MATCH)):
        read_place(search, cursor)  # Refuses what no page of this search can have given.
    nothing: Page[dict[str, Any]] = Page([], None)
    for reading in readings_of(search):
        if cursor and not belongs_to(cursor, list_name(reading.search)):
            continue
        page = take(reading.search, columns, limit=limit, cursor=cursor)
        if page.items:
            return Taken(page, reading)
    return Taken(nothing, Reading(search))

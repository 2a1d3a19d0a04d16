"""Reads the rows of one page of a search, by number or after a cursor."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
from django.db.models import F, IntegerField

from foundation.compiled_query import CompiledQuery, list_parameter
from foundation.paging import (
    Page,
    Sort,
    after_values,
    build_page,
    read_cursor,
    write_cursor,
)
from registry.models import Agent, Channel
from registry.search.listing import ORDERINGS, listed_agents, ordered_agents
from registry.search.matching import AgentMatches, Array
from registry.search.query import BEST_MATCH, RECENT, AgentSearch

Row = dict[str, Any]
Columns = tuple[str, ...]
BY_RANK = (Sort("rank"), Sort("number"))
# Up to this number, the matches are read and sorted by the database.
MAX_SORTED = 2_000
LAST_SECOND = 2**32 - 1
# Agents that are read at once in the order of a sort, to find the matches among them.
CHUNK = 1_000


def read_page(
    search: AgentSearch, columns: Columns, *, limit: int, cursor: str | None
) -> Page[Row]:
    """The rows of a list after the cursor, and the cursor of the next page."""
    ordering = ORDERINGS[search.sort]
    columns = tuple(dict.fromkeys([*columns, *(sort.column for sort in ordering)]))
    if not cursor:
        return build_page(_first_rows(search, columns, 0, limit + 1), ordering, limit, search.sort)
    position = read_cursor(Agent, ordering, cursor, search.sort)
    agents = listed_agents(search).filter(after_values(ordering, position))
    return build_page(list(agents.values(*columns)[: limit + 1]), ordering, limit, search.sort)


def read_rows(search: AgentSearch, columns: Columns, start: int, stop: int) -> list[Row]:
    """Rows ``start`` to ``stop`` (exclusive, from 0) of a list that needs no index."""
    return _first_rows(search, columns, start, stop)


# To build a query takes Django as long as to run it, so the last ones are cached.
MAX_CACHED = 512


def _first_rows(search: AgentSearch, columns: Columns, start: int, stop: int) -> list[Row]:
    return _page_query(search, columns, start, stop).rows()


@lru_cache(maxsize=MAX_CACHED)
def _page_query(search: AgentSearch, columns: Columns, start: int, stop: int) -> CompiledQuery:
    return CompiledQuery(listed_agents(search).values(*columns)[start:stop])


# --- With text -------------------------------------------------------------------------------


def check_cursor(search: AgentSearch, cursor: str) -> None:
    """Raise InvalidParameter for a cursor from another list."""
    ordering = BY_RANK if search.sort == BEST_MATCH else ORDERINGS[search.sort]
    read_cursor(Agent, ordering, cursor, search.sort)


def find_match_page(matches: AgentMatches, *, limit: int, cursor: str | None) -> Page[Row]:
    """The numbers of a search after the cursor, and the cursor of the next page.

    Rows have a ``number``, and the columns of the sort.
    """
    search = matches.search
    if search.sort != BEST_MATCH:
        ordering = ORDERINGS[search.sort]
        columns = tuple(sort.column for sort in ordering)
        rows = _sorted_rows(matches, columns, 0, limit + 1, cursor)
        return build_page(rows, ordering, limit, search.sort)
    start = 0
    if cursor:
        rank, number = read_cursor(Agent, BY_RANK, cursor, BEST_MATCH)
        ranks = matches.ranks
        is_before = (ranks < rank) | ((ranks == rank) & (matches.numbers <= number))
        # Counted by rank and not by place: agents that were published since the last page move no
        # row.
        start = int(np.count_nonzero(is_before))
    numbers = matches.best(start + limit)[start:]
    rows = [{"number": number} for number in numbers.tolist()]
    if not rows or matches.total <= start + limit:
        return Page(rows, None)
    last = int(numbers[-1])
    position = {"rank": matches.rank_of(last), "number": last}
    return Page(rows, write_cursor(BY_RANK, position, BEST_MATCH))


def read_matches(matches: AgentMatches, columns: Columns, start: int, stop: int) -> list[Row]:
    """Rows ``start`` to ``stop`` (exclusive) of the matches in their order."""
    if matches.search.sort != BEST_MATCH:
        return _sorted_rows(matches, columns, start, stop, None)
    numbers = matches.best(stop)[start:].tolist()
    rows = {row["number"]: row for row in read_numbered_rows(numbers, columns)}
    return [
        rows[number] | {"match_tier": matches.tier_of(number)}
        for number in numbers
        if number in rows
    ]


def read_numbered_rows(numbers: Sequence[int], columns: Columns) -> list[Row]:
    """The rows of agents by number, each with its number, in no order."""
    return _rows_by_number_query(len(numbers), columns).rows(numbers=numbers) if numbers else []


@lru_cache(maxsize=128)
def _rows_by_number_query(count: int, columns: Columns) -> CompiledQuery:
    numbers = list_parameter("numbers", IntegerField(), count)
    agents = Agent.objects.filter(indexed__number__in=numbers)
    return CompiledQuery(agents.values(*columns, number=F("indexed__number")))


def _sorted_rows(
    matches: AgentMatches, columns: Columns, start: int, stop: int, cursor: str | None
) -> list[Row]:
    """Rows ``start`` to ``stop`` of the matches in order, after a cursor.

    The database sorts few matches, and matches from about the dates of the page. If there are many,
    it reads agents in the order of an index until enough of them match.
    """
    search = matches.search
    position = read_cursor(Agent, ORDERINGS[search.sort], cursor, search.sort) if cursor else None
    agents = Agent.objects.annotate(number=F("indexed__number"))
    if position:
        agents = agents.filter(after_values(ORDERINGS[search.sort], position))
    agents = ordered_agents(agents, search.sort)
    numbers, skipped_count = matches.numbers, 0
    if search.sort == RECENT and len(numbers) > MAX_SORTED:
        numbers, skipped_count = _numbers_by_date(
            matches, start, stop, position[0] if position else None
        )
    if len(numbers) <= MAX_SORTED:
        matching_agents = agents.filter(indexed__number__in=numbers.tolist())
        return list(
            matching_agents.values(*columns, "number")[start - skipped_count : stop - skipped_count]
        )
    offers_beta = search.channel == Channel.BETA
    agents = agents.offering_beta() if offers_beta else agents.listed()
    found_numbers = list(_matching_numbers(matches, agents, stop))[start:]
    rows = {row["number"]: row for row in read_numbered_rows(found_numbers, columns)}
    return [rows[number] for number in found_numbers if number in rows]


def _numbers_by_date(
    matches: AgentMatches, start: int, stop: int, last: datetime | None
) -> tuple[Array, int]:
    """The matches from ``start`` to ``stop`` by date, and the number of newer ones.

    The index has dates in whole seconds, so the matches of the first and the last second are all
    included. ``last`` is the date of the last row of the page before.
    """
    numbers = matches.numbers
    seconds = matches.columns.rows["updated"][numbers]
    if last is not None:
        second = np.uint32(int(last.timestamp()))
        older = seconds[seconds < second]
        least = (
            np.partition(older, len(older) - stop)[len(older) - stop] if stop < len(older) else 0
        )
        return numbers[(seconds >= least) & (seconds <= second)], 0
    count = len(seconds)
    least = np.partition(seconds, count - stop)[count - stop] if stop < count else 0
    newest = (
        np.partition(seconds, count - start)[count - start] if 0 < start < count else LAST_SECOND
    )
    return numbers[(seconds >= least) & (seconds <= newest)], int(
        np.count_nonzero(seconds > newest)
    )


def _matching_numbers(matches: AgentMatches, agents: Any, count: int) -> Iterator[int]:
    """The numbers of the first agents in an order that are matches."""
    is_match = np.zeros(matches.columns.size, bool)
    is_match[matches.numbers] = True
    start = 0
    while count:
        numbers = list(agents.values_list("number", flat=True)[start : start + CHUNK])
        for number in numbers:
            if number is not None and number < len(is_match) and is_match[number]:
                yield number
                count -= 1
                if not count:
                    return
        if len(numbers) < CHUNK:
            return
        start += CHUNK

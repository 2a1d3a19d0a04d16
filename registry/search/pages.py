"""Reads the rows of one page of a search, by number or after a cursor."""

from functools import lru_cache
from operator import itemgetter
from typing import Any

from django.db.models import QuerySet

from foundation.compiled_query import CompiledQuery
from foundation.paging import Page, after_values, build_page, read_cursor
from registry.models import Agent
from registry.search.query import BEST_MATCH, AgentSearch
from registry.search.ranking import (
    BY_MATCH,
    BY_WEIGHT,
    NAME_BEGINS,
    ORDERINGS,
    WHOLE_WORDS,
    WORD_PARTS,
    WORDS_OR_TAGS,
    agents_in_order,
    agents_in_tier,
)

Row = dict[str, Any]
Columns = tuple[str, ...]
# The name of a loose list in its cursors. Other lists have the name of their sort.
LOOSE_MATCH = "loose-match"
# Up to this number, all matches are read and sorted by tier in memory.
MAX_SORTED_ROWS = 200


def read_page(
    search: AgentSearch, columns: Columns, *, limit: int, cursor: str | None
) -> Page[Row]:
    """The rows after the cursor, or the first ones, and the cursor of the next page."""
    ordering = ORDERINGS[search.sort]
    columns = tuple(dict.fromkeys([*columns, *(sort.column for sort in ordering)]))
    position = read_position(search, cursor) if cursor else None
    if list_name(search) == BEST_MATCH:
        rows = _rows_by_tier(search, columns, limit + 1, position)
    elif position:
        agents = _queryset(search, columns, None).filter(after_values(ordering, position))
        rows = list(agents[: limit + 1])
    else:
        rows = _read(search, columns, None, 0, limit + 1)
    return build_page(rows, ordering, limit, list_name(search))


def read_rows(
    search: AgentSearch, columns: Columns, start: int, stop: int, *, total: int
) -> list[Row]:
    """Rows ``start`` to ``stop`` (exclusive, from 0) of ``total`` matches."""
    if list_name(search) != BEST_MATCH:
        return _read(search, columns, None, start, stop)
    columns = tuple(dict.fromkeys([*columns, "id", "match_tier"]))
    if total <= MAX_SORTED_ROWS:
        return _sorted_by_tier(_read(search, columns, None, 0, MAX_SORTED_ROWS))[start:stop]
    return _rows_by_tier(search, columns, stop, None)[start:]


def list_name(search: AgentSearch) -> str:
    """The name of the list in its cursors."""
    return LOOSE_MATCH if search.loose and search.sort == BEST_MATCH else search.sort


def read_position(search: AgentSearch, cursor: str) -> list[Any]:
    """The values of the ordering in a cursor.

    Raises InvalidParameter if the cursor is from another list.
    """
    return read_cursor(Agent, ORDERINGS[search.sort], cursor, list_name(search))


def _rows_by_tier(
    search: AgentSearch, columns: Columns, count: int, position: list[Any] | None
) -> list[Row]:
    """The best ``count`` rows after the position.

    Names and whole words often fill the page, and are read in the order of an index. If they do
    not, few matches are read at once, and many tier by tier.
    """
    rows: list[Row] = []
    for tier in (NAME_BEGINS, WHOLE_WORDS):
        rows += _tier_rows(search, columns, tier, count - len(rows), position)
    if len(rows) < count and position is None:
        matches = _read(search, columns, None, 0, MAX_SORTED_ROWS + 1)
        if len(matches) <= MAX_SORTED_ROWS:
            ids = {row["id"] for row in rows}
            rest = [row for row in matches if row["id"] not in ids]
            return [*rows, *_sorted_by_tier(rest)][:count]
    for tier in (WORDS_OR_TAGS, WORD_PARTS):
        rows += _tier_rows(search, columns, tier, count - len(rows), position)
    return rows


def _sorted_by_tier(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=itemgetter("match_tier"))


def _tier_rows(
    search: AgentSearch, columns: Columns, tier: int, count: int, position: list[Any] | None
) -> list[Row]:
    """The rows of a tier after the position, which may be in a better or a worse tier."""
    if count == 0 or (position is not None and position[0] > tier):
        return []
    if position is None:
        return _read(search, columns, tier, 0, count)
    agents = _queryset(search, columns, tier)
    if tier == NAME_BEGINS:
        agents = agents.filter(after_values(BY_MATCH, position))
    elif tier == position[0]:
        agents = agents.filter(after_values(BY_WEIGHT, position[1:]))
    return list(agents[:count])


# --- Compiled queries ------------------------------------------------------------------------

# To build a query takes Django as long as to run it, so the last ones are cached.
MAX_CACHED = 512
# Each tag or operator is a subquery, and takes ten times the memory of a word.
MAX_CACHED_CONDITIONS = 4


def _read(
    search: AgentSearch, columns: Columns, tier: int | None, start: int, stop: int
) -> list[Row]:
    """Rows of one tier, or of all agents in the order of the search."""
    if _is_cached(search):
        return _compiled(search, columns, tier, start, stop).rows()
    return list(_queryset(search, columns, tier)[start:stop])


def _queryset(search: AgentSearch, columns: Columns, tier: int | None) -> QuerySet[Agent, Row]:
    build = _cached_queryset if _is_cached(search) else _new_queryset
    return build(search, columns, tier)


def _is_cached(search: AgentSearch) -> bool:
    # A loose query is large, and takes much longer to run than to build.
    return not search.loose and len(search.tags) + len(search.operators) <= MAX_CACHED_CONDITIONS


def _new_queryset(search: AgentSearch, columns: Columns, tier: int | None) -> QuerySet[Agent, Row]:
    agents = agents_in_order(search) if tier is None else agents_in_tier(search, tier)
    rows: QuerySet[Agent, Row] = agents.values(*columns)
    return rows


_cached_queryset = lru_cache(maxsize=MAX_CACHED)(_new_queryset)


@lru_cache(maxsize=MAX_CACHED)
def _compiled(
    search: AgentSearch, columns: Columns, tier: int | None, start: int, stop: int
) -> CompiledQuery:
    return CompiledQuery(_new_queryset(search, columns, tier)[start:stop])

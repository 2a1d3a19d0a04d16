"""The search: one function for the page, the API, the suggestions and the feeds."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.core.paginator import Page as NumberedPage
from django.core.paginator import Paginator

from foundation.caching.values import cached_value
from foundation.paging import is_cursor_of, numbered_page
from registry.agents.revisions import catalogue_revision
from registry.agents.rows import AgentRow, list_rows
from registry.models import Agent, Category
from registry.search.facets import FacetCounts, common_tags, count_facets
from registry.search.fallback import Interpretation, interpretations
from registry.search.pages import LOOSE_MATCH, list_name, read_page, read_position, read_rows
from registry.search.query import BEST_MATCH, RECENT, AgentSearch


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of results."""

    interpretation: Interpretation
    # The requested columns of each agent.
    rows: list[dict[str, Any]]
    # None on the last page, and on numbered pages.
    next_cursor: str | None = None
    # Only of numbered pages: the place of the page among all, and the counts of all matches.
    numbered: NumberedPage[int] | None = None
    facets: FacetCounts | None = None

    @property
    def number(self) -> int:
        """The page number; 1 for pages that follow each other by cursor."""
        return self.numbered.number if self.numbered else 1

    @property
    def ids(self) -> list[UUID]:
        return [row["id"] for row in self.rows]


def search(
    query: AgentSearch,
    *,
    columns: tuple[str, ...] = ("id",),
    limit: int = 20,
    cursor: str | None = None,
    page_number: str | None = None,
    fallback: bool = True,
) -> SearchPage:
    """One page of at most ``limit`` agents, with these columns of each.

    Pages follow each other by ``cursor``, which needs no count of all matches. Or they have a
    ``page_number`` as in an address: nonsense is the first page, a number too large the last.

    A search without matches is answered with corrected spelling or loosely, unless ``fallback`` is
    false; the interpretation says so. Raises InvalidParameter for a cursor from another list.
    """
    if page_number is not None:
        return _numbered_page(query, columns, limit, page_number)
    is_loose_cursor = query.sort == BEST_MATCH and cursor and is_cursor_of(LOOSE_MATCH, cursor)
    if cursor and not is_loose_cursor:
        read_position(query, cursor)
    for interpretation in interpretations(query) if fallback else [Interpretation(query)]:
        if cursor and not is_cursor_of(list_name(interpretation.search), cursor):
            continue
        page = read_page(interpretation.search, columns, limit=limit, cursor=cursor)
        if page.items:
            return SearchPage(interpretation, page.items, page.next_cursor)
    return SearchPage(Interpretation(query), [])


def _numbered_page(
    query: AgentSearch, columns: tuple[str, ...], limit: int, page_number: str
) -> SearchPage:
    interpretation, facets = count_matches(query)
    numbered = numbered_page(Paginator(range(facets.total), limit), page_number)
    rows: list[dict[str, Any]] = []
    if facets.total:
        start = (numbered.number - 1) * limit
        stop = start + limit
        rows = read_rows(interpretation.search, columns, start, stop, total=facets.total)
    return SearchPage(interpretation, rows, numbered=numbered, facets=facets)


def agent_rows(ids: Sequence[UUID]) -> list[AgentRow]:
    """The list rows of these agents, in the same order."""
    rows = {row.id: row for row in list_rows(Agent.objects.filter(pk__in=ids))}
    return [rows[agent_id] for agent_id in ids if agent_id in rows]


# --- Counts ----------------------------------------------------------------------------------


def count_matches(query: AgentSearch) -> tuple[Interpretation, FacetCounts]:
    """The first interpretation with matches, and its counts.

    Without any match it is the last one that is not loose. Cached until the catalogue changes.
    """
    unsorted = replace(query, sort=RECENT)
    interpretation, facets = cached_value(
        ("facets", unsorted), catalogue_revision(), lambda: _count_matches(unsorted)
    )
    return replace(interpretation, search=replace(interpretation.search, sort=query.sort)), facets


def _count_matches(query: AgentSearch) -> tuple[Interpretation, FacetCounts]:
    counts = Interpretation(query), FacetCounts()
    for interpretation in interpretations(query):
        facets = count_facets(interpretation.search)
        if facets.total:
            return interpretation, replace(facets, tags=common_tags(interpretation.search))
        if not interpretation.is_loose:
            counts = interpretation, facets
    return counts


@dataclass(frozen=True, slots=True)
class CategoryCount:
    category: Category
    count: int


def count_categories(facets: FacetCounts) -> list[CategoryCount]:
    """Every category with its matches, counted without the category filter."""
    counts = facets.categories
    return [CategoryCount(category, counts[category.pk]) for category in Category.objects.all()]

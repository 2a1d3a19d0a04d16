"""The search: one function for the page, the API, the suggestions and the feeds."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple
from uuid import UUID

from django.core.paginator import Page as NumberedPage
from django.core.paginator import Paginator

from foundation.caching.values import cached_value
from foundation.paging import numbered_page
from registry.agents.revisions import site_revisions
from registry.agents.rows import AgentRow, list_rows_by_ids
from registry.models import Category
from registry.search.facets import FacetCounts, common_tags, count_facets
from registry.search.listing import needs_index
from registry.search.matching import AgentMatches, find_matches
from registry.search.pages import (
    check_cursor,
    find_match_page,
    read_matches,
    read_numbered_rows,
    read_page,
    read_rows,
)
from registry.search.query import RECENT, AgentSearch
from registry.search.revisions import VOLATILE_SORTS
from registry.search.scoring import EXACT_NAME, LOOSE

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Interpretation:
    """A search as it was answered.

    ``spelling`` is the corrected text, if any. ``is_loose``: nothing fits, the results are loosely
    related. The intents of ``search`` were applied as filters.
    """

    search: AgentSearch
    spelling: str = ""
    is_loose: bool = False

    @property
    def is_fallback(self) -> bool:
        return self.is_loose or self.spelling != ""


class Match(NamedTuple):
    """How a result fits, as `match` in the API, and the words that it lacks."""

    kind: str
    missing_words: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SearchPage:
    """One page of results."""

    interpretation: Interpretation
    # The requested columns of each agent.
    rows: list[Row]
    # None on the last page, and on numbered pages.
    next_cursor: str | None = None
    # By agent id, only of a search with text.
    matches: dict[UUID, Match] = field(default_factory=dict)
    # Only of numbered pages: the place of the page among all, and the counts of all matches.
    numbered_page: NumberedPage[int] | None = None
    facets: FacetCounts | None = None

    @property
    def number(self) -> int:
        """The page number; 1 for pages that follow each other by cursor."""
        return self.numbered_page.number if self.numbered_page else 1

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

    A search that nothing fits is answered with corrected spelling or loosely related agents, unless
    ``fallback`` is false; the interpretation says so. Raises InvalidParameter for a cursor from
    another list.
    """
    if page_number is not None:
        return _numbered_page(query, columns, limit, page_number)
    if not needs_index(query):
        page = read_page(query, columns, limit=limit, cursor=cursor)
        return SearchPage(Interpretation(query), page.items, page.next_cursor)
    # Before the search, which a forged cursor must not cost.
    if cursor:
        check_cursor(query, cursor)
    columns = tuple(dict.fromkeys([*columns, "id"]))
    return _read_found_page(_find_page(query, limit, cursor, may_be_loose=fallback), columns)


@dataclass(frozen=True, slots=True)
class FoundPage:
    """The numbers, tiers and matches of one page after a cursor, in order.

    ``matches`` is empty for a search without a text.
    """

    interpretation: Interpretation
    numbers: list[int]
    tiers: list[int]
    matches: list[Match]
    next_cursor: str | None


def _find_page(
    query: AgentSearch, limit: int, cursor: str | None, *, may_be_loose: bool
) -> FoundPage:
    """Cached until the catalogue or the ranking changes, but for an order of numbers."""

    def find() -> FoundPage:
        matches = find_matches(query, may_be_loose=may_be_loose)
        page = find_match_page(matches, limit=limit, cursor=cursor)
        numbers = [row["number"] for row in page.items]
        matches_of_page = (
            [_describe(matches, number) for number in numbers] if query.has_text else []
        )
        tiers = [matches.tier_of(number) for number in numbers]
        return FoundPage(interpret(matches), numbers, tiers, matches_of_page, page.next_cursor)

    if query.sort in VOLATILE_SORTS:
        return find()
    revisions = site_revisions()
    key = ("found page", query, limit, cursor, may_be_loose)
    return cached_value(key, (revisions.catalogue, revisions.ranking), find)


def _read_found_page(page: FoundPage, columns: tuple[str, ...]) -> SearchPage:
    by_number = {row["number"]: row for row in read_numbered_rows(page.numbers, columns)}
    # Without those that were deleted since the page was found.
    rows = [by_number[number] for number in page.numbers if number in by_number]
    tier_by_number = dict(zip(page.numbers, page.tiers, strict=True))
    for row in rows:
        row["match_tier"] = tier_by_number[row["number"]]
    matches: dict[UUID, Match] = {}
    if page.matches:
        match_by_number = dict(zip(page.numbers, page.matches, strict=True))
        matches = {row["id"]: match_by_number[row["number"]] for row in rows}
    return SearchPage(page.interpretation, rows, page.next_cursor, matches)


def interpret(matches: AgentMatches) -> Interpretation:
    # An agent that bears the name is what was meant, however rare the spelling is.
    is_exact = matches.best_tier <= EXACT_NAME
    return Interpretation(matches.search, "" if is_exact else matches.spelling, matches.is_loose)


def _describe(matches: AgentMatches, number: int) -> Match:
    kind = _kind_of(matches.tier_of(number), is_by_meaning=matches.is_by_meaning(number))
    return Match(kind, matches.missing_words(number))


def _kind_of(tier: int, *, is_by_meaning: bool) -> str:
    if tier <= EXACT_NAME:
        return "exact"
    if tier == LOOSE:
        return "loose"
    return "meaning" if is_by_meaning else "text"


def _numbered_page(
    query: AgentSearch, columns: tuple[str, ...], limit: int, page_number: str
) -> SearchPage:
    matches = find_matches(query) if needs_index(query) else None
    interpretation, facets = count_matches(query, matches)
    page_of_numbers = numbered_page(Paginator(range(facets.total), limit), page_number)
    start = (page_of_numbers.number - 1) * limit
    columns = tuple(dict.fromkeys([*columns, "id"]))
    if not facets.total:
        rows = []
    elif matches is None:
        rows = read_rows(query, columns, start, start + limit)
    else:
        rows = read_matches(matches, columns, start, start + limit)
    matches_by_id = {}
    if matches and query.has_text:
        matches_by_id = {row["id"]: _describe(matches, row["number"]) for row in rows}
    return SearchPage(
        interpretation, rows, None, matches_by_id, numbered_page=page_of_numbers, facets=facets
    )


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A row of the results, and how it fits; None without a text."""

    row: AgentRow
    match: Match | None = None

    @property
    def is_loose(self) -> bool:
        return self.match is not None and self.match.kind == "loose"


def found_rows(page: SearchPage, languages: Sequence[str] = ()) -> list[FoundRow]:
    """The rows of a page, in the same order, in a reader's language."""
    rows = list_rows_by_ids(page.ids, languages)
    return [FoundRow(rows[pk], page.matches.get(pk)) for pk in page.ids if pk in rows]


# --- Counts ----------------------------------------------------------------------------------


def count_matches(
    query: AgentSearch, matches: AgentMatches | None = None
) -> tuple[Interpretation, FacetCounts]:
    """The interpretation of a search and its counts; ``matches`` if found already.

    Cached until the catalogue changes.
    """
    # Counts do not depend on the order, so all orders share one entry of the cache.
    unsorted_query = replace(query, sort=RECENT)
    interpretation, facets = cached_value(
        ("facets", unsorted_query),
        site_revisions().catalogue,
        lambda: _count_matches(matches or find_matches(unsorted_query)),
    )
    return replace(interpretation, search=replace(interpretation.search, sort=query.sort)), facets


def _count_matches(matches: AgentMatches) -> tuple[Interpretation, FacetCounts]:
    facets = count_facets(matches)
    return interpret(matches), replace(facets, tags=common_tags(matches))


@dataclass(frozen=True, slots=True)
class CategoryCount:
    category: Category
    count: int


def count_categories(facets: FacetCounts) -> list[CategoryCount]:
    """Every category with its matches, counted without the category filter."""
    counts = facets.categories
    return [CategoryCount(category, counts[category.pk]) for category in Category.objects.all()]

"""Agents in the order of a search: numbered pages, and the API's pages that go on with a cursor."""

from collections.abc import Callable, Sequence
from functools import lru_cache, wraps
from operator import itemgetter
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from uuid import UUID

from django.db.models import QuerySet

from foundation.compiled_query import CompiledQuery
from foundation.paging import Ordering, Page, Sort, behind, page_of, read_cursor, take_page
from registry.models import Agent, AgentQuerySet
from registry.search.matching import (
    PARTS,
    PREFIX,
    TAGS,
    WORDS,
    Says,
    match_tier,
    named,
    named_tier,
    on_the_shelf,
    parts_wanted,
    search_agents,
    tier_of,
    words_or_tags_wanted,
    words_wanted,
)
from registry.search.query import BEST_MATCH, AgentSearch

P = ParamSpec("P")
T = TypeVar("T")
Rows = QuerySet[Agent, dict[str, Any]]
BY_ID = Sort("id")
NEWEST_FIRST = (Sort("updated_at", descending=True), BY_ID)
WEIGHTIEST_FIRST = (Sort("search_weight", descending=True), *NEWEST_FIRST)
BY_MATCH = (Sort("match_tier"), *WEIGHTIEST_FIRST)
# What ties a cursor to the list of a loose search.
LOOSE_MATCH = "loose-match"
ORDERINGS: dict[str, Ordering] = {
    "recent": NEWEST_FIRST,
    "new": (Sort("created_at", descending=True), BY_ID),
    "name": (Sort("name"), BY_ID),
    "downloads": (Sort("download_count", descending=True), BY_ID),
    "downloads-30d": (Sort("downloads_30d", descending=True), BY_ID),
    "rating": (Sort("avg_rating", descending=True, nullable=True), BY_ID),
    BEST_MATCH: BY_MATCH,
}


# Up to so many are put in order here, of more only as many as a page needs are looked for.
FEW = 200


def in_order(search: AgentSearch) -> AgentQuerySet:
    """All that fits a checked search by the letter, in the search's own order."""
    agents = search_agents(search)
    if search.effective_sort == BEST_MATCH:
        agents = agents.annotate(match_tier=match_tier(search))
    return agents.order_by(*[sort.order_by() for sort in ORDERINGS[search.effective_sort]])


class InOrder(Sequence[UUID]):
    """The ids of all ``total`` agents that fit a checked search, in its order, for numbered pages:
    a page of them is looked for when it is asked for."""

    def __init__(self, search: AgentSearch, total: int) -> None:
        self.search, self.total = search, total

    def __len__(self) -> int:
        return self.total

    def __getitem__(self, which: Any) -> Any:
        if list_name(self.search) == BEST_MATCH:
            rows = _by_match(self.search, ("id",), which.stop, None)[which]
        else:
            rows = _prepared(self.search, which.start or 0, which.stop, _rows, ("id",)).rows()
        return [row["id"] for row in rows]


def take(
    search: AgentSearch, columns: tuple[str, ...], *, limit: int, cursor: str | None
) -> Page[dict[str, Any]]:
    """One page of a checked search taken by its letter, each row a dict of ``columns``."""
    ordering, name = ORDERINGS[search.effective_sort], list_name(search)
    # A cursor is made of what the order is made of.
    columns = tuple(dict.fromkeys([*columns, *(sort.column for sort in ordering)]))
    if name != BEST_MATCH and cursor:
        return take_page(_rows(search, columns), ordering, limit=limit, cursor=cursor, name=name)
    if name != BEST_MATCH:
        return page_of(_first(search, limit + 1, _rows, columns), ordering, limit, name)
    place = read_place(search, cursor) if cursor else None
    return page_of(_by_match(search, columns, limit + 1, place), ordering, limit, name)


def list_name(search: AgentSearch) -> str:
    """What ties a cursor to the list that it came from."""
    name = search.effective_sort
    return LOOSE_MATCH if search.loosely and name == BEST_MATCH else name


def read_place(search: AgentSearch, cursor: str) -> list[Any]:
    """The place in a search's list; refuses a cursor that is not from there."""
    return read_cursor(Agent, ORDERINGS[search.effective_sort], cursor, list_name(search))


def _by_match(
    search: AgentSearch, columns: tuple[str, ...], count: int, place: list[Any] | None
) -> list[dict[str, Any]]:
    """The first ``count`` behind ``place``: the few that are named like the query; those that have
    its words, in the order of an index, which stops as soon as there are enough; the rest."""
    if place is not None:
        return _go_on(search, columns, count, place)
    found = _first(search, count, _named, columns)
    if len(found) < count:
        # Whoever is named like it may have its words as well.
        some = _first(search, count, _tier, columns, WORDS)
        found = _merged(found, some, WORDS)[:count]
    if len(found) < count:
        rest = _few(search, columns)
        if rest is None:
            return _go_on(search, columns, count, None, found)
        found = _merged(found, rest)
    return found[:count]


def _merged(
    found: list[dict[str, Any]], more: list[dict[str, Any]], tier: int | None = None
) -> list[dict[str, Any]]:
    """The rows found, and behind them those of ``more`` that are not among them."""
    known = {row["id"] for row in found}
    new = [row for row in more if row["id"] not in known]
    return found + [row | {"match_tier": tier} if tier is not None else row for row in new]


def _go_on(
    search: AgentSearch,
    columns: tuple[str, ...],
    count: int,
    place: list[Any] | None,
    found: Sequence[dict[str, Any]] = (),
) -> list[dict[str, Any]]:
    """Tier by tier, the better ones left out by the database: behind a place, or where there are
    too many to put in order here."""
    rows = list(found)
    if place is not None and place[0] <= PREFIX:
        rows += _named(search, columns).filter(behind(BY_MATCH, place))[:count]
    for tier in (WORDS, TAGS, PARTS):
        is_behind = place is not None and place[0] > tier
        if len(rows) >= count or is_behind or (found and tier == WORDS):
            continue
        some = _tier(search, columns, tier, alone=True)
        if place is not None and place[0] == tier:
            some = some.filter(behind(WEIGHTIEST_FIRST, place[1:]))
        rows += [row | {"match_tier": tier} for row in some[: count - len(rows)]]
    return rows


def _few(search: AgentSearch, columns: tuple[str, ...]) -> list[dict[str, Any]] | None:
    """All that fit, in order, out of one walk; None where they are many. The index has the order
    within the tiers, and the tiers are told apart here."""
    rows = _first(search, FEW + 1, _tier, (*columns, *TOLD_BY), PARTS)
    if len(rows) > FEW:
        return None
    graded = [row | {"match_tier": tier_of(row, search)} for row in rows]
    return sorted(graded, key=itemgetter("match_tier"))


# What a tier is told by.
TOLD_BY = ("scope", "name", "folded_name", "search_text")


def _first(
    search: AgentSearch, count: int, of: Callable[..., Rows], *asked: Any
) -> list[dict[str, Any]]:
    """The first ``count`` of the rows that one of these gives when asked so."""
    return _prepared(search, 0, count, of, *asked).rows()


# What was put together for a search that says more takes up to a megabyte.
LONGEST_KEPT = 250
# A tag or an operator is a question of its own, and takes as much as so many characters.
LENGTH_OF_A_CONDITION = 60


def keep_for_usual(
    most: int,
) -> Callable[[Callable[Concatenate[AgentSearch, P], T]], Callable[Concatenate[AgentSearch, P], T]]:
    """Keep what was put together for the last ``most`` searches, but for none that says more than
    people do: a thousand of those would fill the memory. Nor for a loose one, which asks so much
    that to put it together is the least of it."""

    def keep(
        make: Callable[Concatenate[AgentSearch, P], T],
    ) -> Callable[Concatenate[AgentSearch, P], T]:
        kept = cast(Callable[Concatenate[AgentSearch, P], T], lru_cache(most)(make))

        @wraps(make)
        def given(search: AgentSearch, /, *args: P.args, **options: P.kwargs) -> T:
            give = kept if _is_usual(search) else make
            return give(search, *args, **options)

        return given

    return keep


def _is_usual(search: AgentSearch) -> bool:
    conditions = [*search.tags, *(operator.value for operator in search.operators)]
    choices = (search.category, search.scope, search.license, search.provider)
    length = sum(map(len, (search.text, *choices, *conditions)))
    return not search.loosely and (length + LENGTH_OF_A_CONDITION * len(conditions) <= LONGEST_KEPT)


@keep_for_usual(1024)
def _prepared(
    search: AgentSearch, start: int, stop: int, of: Callable[..., Rows], *asked: Any
) -> CompiledQuery:
    return CompiledQuery(of(search, *asked)[start:stop])


@keep_for_usual(512)
def _rows(search: AgentSearch, columns: tuple[str, ...]) -> Rows:
    # Built once per search: putting a query together costs as much as running it. The queryset
    # is only ever cloned, so nothing that was read is kept.
    return cast(Rows, in_order(search).values(*columns))


@keep_for_usual(512)
def _named(search: AgentSearch, columns: tuple[str, ...]) -> Rows:
    found = on_the_shelf(search).filter(named(search.text))
    found = found.annotate(match_tier=named_tier(search))
    ordered = found.order_by(*[sort.order_by() for sort in BY_MATCH])
    return cast(Rows, ordered.values(*columns, "match_tier"))


@keep_for_usual(1024)
def _tier(search: AgentSearch, columns: tuple[str, ...], tier: int, alone: bool = False) -> Rows:
    """The agents that reach a tier, the weightiest first; ``alone``: and no better one."""
    found = on_the_shelf(search).filter(Says("search_text", REACHED[tier](search.terms)))
    if alone:
        found = found.exclude(named(search.text))
    if alone and tier > WORDS:
        found = found.exclude(Says("search_text", REACHED[tier - 1](search.terms)))
    ordered = found.order_by(*[sort.order_by() for sort in WEIGHTIEST_FIRST])
    return cast(Rows, ordered.values(*(c for c in columns if c != "match_tier")))


REACHED = {WORDS: words_wanted, TAGS: words_or_tags_wanted, PARTS: parts_wanted}

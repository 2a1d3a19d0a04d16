"""Finding agents: the only place that knows how text is matched and ranked.

The page and the API build the same `AgentSearch`: a page of numbered pages asks `in_order`, the API
`take_agents`. What one database alone has makes this faster, never different.
"""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, cast

from django.db import connection
from django.db.models import (
    BooleanField,
    Case,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
)

from foundation.paging import Ordering, Page, Sort, behind, page_of, read_cursor, take_page
from foundation.refusals import InvalidParameter
from registry.models import Agent, AgentQuerySet, Channel
from registry.rules import FIELD_BREAK, fold

Rows = QuerySet[Agent, dict[str, Any]]
LAST_TIER = 3
LAST_CHARACTER = "\U0010ffff"
BEST_MATCH = "match"
BY_ID = Sort("id")
NEWEST_FIRST = (Sort("updated_at", descending=True), BY_ID)
ORDERINGS: dict[str, Ordering] = {
    "recent": NEWEST_FIRST,
    "name": (Sort("name"), BY_ID),
    "downloads": (Sort("download_count", descending=True), BY_ID),
    "rating": (Sort("avg_rating", descending=True, nullable=True), BY_ID),
    BEST_MATCH: (Sort("match_tier"), *NEWEST_FIRST),
}
SORTS = ("recent", "name", "downloads", "rating")
MOST_TEXT = 4096
MOST_TAGS = 20


@dataclass(frozen=True, slots=True)
class AgentSearch:
    """What is looked for. ``sort`` "" means by match where there is text, else the newest."""

    text: str = ""
    category: str = ""
    tags: tuple[str, ...] = ()
    channel: str = ""
    scope: str = ""
    sort: str = ""

    def checked(self) -> "AgentSearch":
        """The same search, folded; refuses what no search can mean."""
        if self.sort and self.sort not in (*SORTS, BEST_MATCH):
            raise InvalidParameter(f"sort is one of {', '.join(SORTS)}.", parameter="sort")
        if self.channel and self.channel not in Channel.values:
            raise InvalidParameter(
                f"channel is one of {', '.join(Channel.values)}.", parameter="channel"
            )
        if len(self.text) > MOST_TEXT or len(self.tags) > MOST_TAGS:
            raise InvalidParameter(f"q has at most {MOST_TEXT} characters.", parameter="q")
        return replace(
            self,
            text=fold(self.text.replace(FIELD_BREAK, " ")),
            tags=tuple(sorted({tag.strip().lower() for tag in self.tags if tag.strip()})),
            scope=self.scope.strip().lstrip("@").lower(),
        )

    @property
    def effective_sort(self) -> str:
        if self.sort == BEST_MATCH:
            return BEST_MATCH if self.text else "recent"
        return self.sort or (BEST_MATCH if self.text else "recent")


def search_agents(search: AgentSearch) -> AgentQuerySet:
    """The agents that fit a checked search, not yet in any order."""
    agents = on_the_shelf(search)
    if not search.text:
        return agents
    return agents.filter(Q(holds("search_text", search.text)) | named(search.text))


def on_the_shelf(search: AgentSearch) -> AgentQuerySet:
    """All that a search asks for but its text."""
    agents = Agent.objects.listed()
    if search.channel == Channel.BETA:
        agents = Agent.objects.offering_beta()
    elif search.channel:
        agents = agents.filter(latest_version__channel=search.channel)
    if search.category:
        agents = agents.filter(category=search.category)
    if search.scope:
        agents = agents.filter(scope=search.scope)
    for tag in search.tags:
        agents = agents.filter(agent_tags__tag=tag)
    return agents


def in_order(search: AgentSearch) -> AgentQuerySet:
    """All that fits, in the search's own order, for numbered pages."""
    return _ordered(search_agents(search), search)


def _ordered(agents: AgentQuerySet, search: AgentSearch) -> AgentQuerySet:
    if search.effective_sort == BEST_MATCH:
        agents = agents.annotate(match_tier=match_tier(search.text))
    return agents.order_by(*[sort.order_by() for sort in ORDERINGS[search.effective_sort]])


@lru_cache(maxsize=512)
def _rows(search: AgentSearch, columns: tuple[str, ...]) -> Rows:
    # Built once per search: putting a query together costs as much as running it. The queryset
    # is only ever cloned, so nothing that was read is kept.
    return cast(Rows, in_order(search).values(*columns))


@lru_cache(maxsize=512)
def _named(search: AgentSearch, columns: tuple[str, ...]) -> Rows:
    """The rows of all tiers but the last: those that are called like the query."""
    found = on_the_shelf(search).filter(named(search.text))
    return cast(Rows, _ordered(found, search).values(*columns))


@lru_cache(maxsize=512)
def _rest(search: AgentSearch, columns: tuple[str, ...]) -> Rows:
    """The rows of the last tier, newest first."""
    found = on_the_shelf(search).filter(holds("search_text", search.text))
    found = found.exclude(named(search.text))
    last = found.annotate(match_tier=Value(LAST_TIER, output_field=IntegerField()))
    last = last.order_by(*[sort.order_by() for sort in NEWEST_FIRST])
    return cast(Rows, last.values(*columns))


def take_agents(
    search: AgentSearch, columns: tuple[str, ...], *, limit: int, cursor: str | None
) -> Page[dict[str, Any]]:
    """One page of a checked search, each row a dict of ``columns``.

    By match it is two walks, one behind the other: the few rows that are named like the query,
    then the rest in the order of an index, which stops as soon as the page is full.
    """
    name, ordering = search.effective_sort, ORDERINGS[search.effective_sort]
    if name != BEST_MATCH:
        return take_page(_rows(search, columns), ordering, limit=limit, cursor=cursor, name=name)
    columns = (*columns, "match_tier")
    place = read_cursor(Agent, ordering, cursor, name) if cursor else None
    found = []
    if place is None or place[0] < LAST_TIER:
        rows = _named(search, columns)
        rows = rows.filter(behind(ordering, place)) if place else rows
        found = list(rows[: limit + 1])
        place = None
    if len(found) <= limit:
        rest = _rest(search, columns)
        rest = rest.filter(behind(NEWEST_FIRST, place[1:])) if place else rest
        found += rest[: limit + 1 - len(found)]
    return page_of(found, ordering, limit, name)


def named(text: str) -> Q:
    """Agents that are called like the query or begin with it: one range of an index each."""
    slug = _slug(text)
    return starting("name", slug) | starting("folded_name", text) | _exact_id(slug)


def match_tier(text: str) -> Case:
    """0 exact id, 1 exact name, 2 name prefix, 3 anywhere: the contract of the wire. A name is the
    one in the id, or the display name."""
    slug = _slug(text)
    return Case(
        When(_exact_id(slug), then=Value(0)),
        When(Q(name=slug) | Q(folded_name=text), then=Value(1)),
        When(starting("name", slug) | starting("folded_name", text), then=Value(2)),
        default=Value(LAST_TIER),
        output_field=IntegerField(),
    )


def _slug(text: str) -> str:
    return text.replace(" ", "-").lstrip("@")


def _exact_id(slug: str) -> Q:
    scope, _, name = slug.partition("/")
    return Q(scope=scope, name=name) if name else Q(pk__in=[])


class Holds(Func):
    """Whether a text holds another, byte for byte: both are folded already."""

    function = "INSTR"
    arity = 2
    output_field = BooleanField()
    conditional = True
    template = "(%(function)s(%(expressions)s) > 0)"


def holds(column: str, text: str) -> Holds | Q:
    """SQLite searches fastest with INSTR; PostgreSQL answers LIKE from its trigram index."""
    if connection.vendor == "sqlite":
        return Holds(F(column), Value(text, output_field=TextField()))
    return Q(**{f"{column}__contains": text})


def starting(column: str, text: str) -> Q:
    """Whether a column begins with a text. SQLite cannot serve LIKE from an index, but compares
    texts by their bytes, so there a range says the same."""
    if connection.vendor == "sqlite":
        return Q(**{f"{column}__gte": text, f"{column}__lt": text + LAST_CHARACTER})
    return Q(**{f"{column}__startswith": text})

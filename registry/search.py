"""Finding agents: the only place that knows how text is matched and ranked.

The page and the API build the same `AgentSearch`; both doors ask `search_agents` for the rows and
`ordering_of` for their order. What PostgreSQL alone has makes this faster, never different.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.db import connection
from django.db.models import (
    BooleanField,
    Case,
    F,
    Func,
    IntegerField,
    Q,
    TextField,
    Value,
    When,
)

from foundation.paging import Ordering, Sort
from foundation.refusals import InvalidParameter
from registry.models import Agent, AgentQuerySet, Channel
from registry.rules import FIELD_BREAK, fold

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
    tags: Sequence[str] = field(default=())
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
    return matching(agents, search)


def ordering_of(search: AgentSearch) -> Ordering:
    """The whole ordering tuple; its last part is unique, so every row has one place."""
    return ORDERINGS[search.effective_sort]


def in_order(search: AgentSearch) -> AgentQuerySet:
    """All that fits, in the search's own order, for numbered pages."""
    return search_agents(search).order_by(*[sort.order_by() for sort in ordering_of(search)])


def matching(agents: AgentQuerySet, search: AgentSearch) -> AgentQuerySet:
    if not search.text:
        return agents
    agents = agents.filter(holds("search_text", search.text))
    return (
        agents.annotate(match_tier=match_tier(search.text))
        if (search.effective_sort == BEST_MATCH)
        else agents
    )


def match_tier(text: str) -> Case:
    """0 exact id, 1 exact name, 2 name prefix, 3 anywhere: the contract of the wire."""
    slug = text.replace(" ", "-").lstrip("@")
    scope, _, name = slug.partition("/")
    exact_id = Q(scope=scope, name=name) if name else Q(pk__in=[])
    exact_name = Q(name=slug) | Q(holds("search_text", FIELD_BREAK + text + FIELD_BREAK))
    prefix = Q(name__startswith=slug) | Q(holds("search_text", FIELD_BREAK + text))
    return Case(
        When(exact_id, then=Value(0)),
        When(exact_name, then=Value(1)),
        When(prefix, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )


class Holds(Func):
    """Whether a text holds another, byte for byte: both are folded already.

    SQLite searches fastest with INSTR; PostgreSQL answers LIKE from its trigram index.
    """

    function = "INSTR"
    arity = 2
    output_field = BooleanField()
    conditional = True
    template = "(%(function)s(%(expressions)s) > 0)"


def holds(column: str, text: str) -> Holds | Q:
    if connection.vendor == "sqlite":
        return Holds(F(column), Value(text, output_field=TextField()))
    return Q(**{f"{column}__contains": text})

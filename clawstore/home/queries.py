"""Content of the home page: new, trending and picked agents, and categories."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from clawstore.editorial.models import ContentPage
from clawstore.editorial.queries import PageEntry, make_entry, pages_of, with_agents
from clawstore.editorial.revisions import revision_of_content
from foundation.caching.models import SITE
from foundation.caching.queries import get_revisions
from foundation.caching.values import cached_value
from foundation.compiled_instances import CompiledInstances
from foundation.compiled_query import CompiledQuery
from registry.agents.queries import list_categories
from registry.agents.revisions import MENTIONS, RANKING, agents_revision
from registry.agents.rows import AgentRow, list_rows_by_ids
from registry.models import Agent, AgentPick
from registry.search import AgentSearch
from registry.search.results import CategoryCount, count_matches
from registry.search_index.actions import CATALOGUE
from wordclaw.policy.actions import STORE

ROWS = 5
PICKS = 3
SPARE_PICKS = 5
SHOWN_COLLECTIONS = 3
# A shorter list says little; a new instance would consist of such lists.
MIN_ROWS = 3


@dataclass(frozen=True, slots=True)
class PickedAgent:
    """An agent that a maintainer recommends, with the maintainer and the reason."""

    row: AgentRow
    pick: AgentPick


@dataclass(frozen=True, slots=True)
class HomePage:
    """Lists of the home page.

    ``popular`` is shown only while too few agents are trending. A list needs MIN_ROWS rows.
    """

    new: list[AgentRow]
    trending: list[AgentRow]
    popular: list[AgentRow]
    picks: list[PickedAgent]
    categories: list[CategoryCount]
    collections: list[PageEntry]
    announcement: PageEntry | None

    @property
    def total(self) -> int:
        return sum(category.count for category in self.categories)

    @property
    def filled_categories(self) -> list[CategoryCount]:
        """Categories with agents; none if there is only one to choose."""
        categories = [category for category in self.categories if category.count]
        return categories if len(categories) > 1 else []

    @property
    def featured(self) -> AgentRow | None:
        """The agent whose label is shown beside the introduction."""
        picks = [pick.row for pick in self.picks]
        return next(iter([*picks, *self.trending, *self.popular, *self.new]), None)


def home_revision(_request: object) -> object:
    """The revision of the home page: which agents it lists, and the revision of each."""
    # Collections show icons of their agents, which are mentions.
    names = (SITE, CATALOGUE, RANKING, revision_of_content(STORE), MENTIONS)
    site, catalogue, ranking, *content = get_revisions(*names)
    new, trending, picks = cached_value(
        ("home lists",),
        (catalogue, ranking),
        # Cached by revisions, as these lists change with a publish or once an hour, and the page is
        # the most read.
        lambda: (_new(), _trending(), [pick.agent_id for pick in _picks()]),
    )
    # Only the list of most downloaded agents can change with each download.
    popular = [] if trending else _popular(new)
    revision_list = agents_revision([*new, *trending, *picks, *popular])
    # Not the catalogue itself: most publishes change no count.
    counts = sorted(count_matches(AgentSearch())[1].categories.items())
    return site, counts, revision_list, content


def home_page(languages: Sequence[str] = ()) -> HomePage:
    """All lists of the home page, with a constant number of queries."""
    new, trending = _new(), _trending()
    popular = _popular(new)  # Always queried, so the number of queries is constant.
    picks = _picks()
    agent_ids = {*new, *trending, *popular, *(pick.agent_id for pick in picks)}
    rows = list_rows_by_ids(list(agent_ids), languages)
    return HomePage(
        new=_in_order(new, rows),
        trending=_in_order(trending, rows),
        popular=[] if trending else _in_order(popular, rows),
        picks=[PickedAgent(rows[pick.agent_id], pick) for pick in picks if pick.agent_id in rows][
            :PICKS
        ],
        categories=_count_categories(),
        **home_entries(languages),
    )


def _count_categories() -> list[CategoryCount]:
    counts = count_matches(AgentSearch())[1].categories
    return [CategoryCount(category, counts[category.pk]) for category in list_categories()]


def home_entries(languages: Sequence[str]) -> dict[str, Any]:
    """The first collections and the newest announcement."""
    entries = [make_entry(page, languages) for page in _entries_query().instances()]
    news = [entry for entry in entries if entry.kind == "announcements"]
    collections_shown = [entry for entry in entries if entry.kind == "collections"]
    return {
        "collections": with_agents(collections_shown) if collections_shown else [],
        "announcement": news[0] if news else None,
    }


@cache
def _entries_query() -> CompiledInstances[ContentPage]:
    collections = pages_of(STORE, "collections").values("pk")[:SHOWN_COLLECTIONS]
    announcements = pages_of(STORE, "announcements").values("pk")[:1]
    pages = ContentPage.objects.filter(Q(pk__in=collections) | Q(pk__in=announcements))
    ordered_pages = pages.order_by("position", "-published_at", "item")
    return CompiledInstances(ordered_pages, relations=("domain",), annotations=())


def _new() -> list[UUID]:
    return _first("-created_at")


def _trending() -> list[UUID]:
    return _enough(_first("-trend_ratio"))


def _popular(new: list[UUID]) -> list[UUID]:
    """The most downloaded agents, or none if they equal the new ones."""
    popular = _enough(_first("-downloads_30d"))
    return [] if set(popular) <= set(new) else popular


def _first(ordering: str) -> list[UUID]:
    return [agent_id for (agent_id,) in _first_query(ordering).tuples()]


@cache
def _first_query(ordering: str) -> CompiledQuery:
    listed_agents = Agent.objects.listed()
    conditions = {
        "-trend_ratio": Q(trend_ratio__isnull=False),
        "-downloads_30d": Q(downloads_30d__gt=0),
    }
    agents = listed_agents.filter(conditions.get(ordering, Q()))
    return CompiledQuery(agents.order_by(ordering, "id").values("pk")[:ROWS])


def _enough(ids: list[UUID]) -> list[UUID]:
    return ids if len(ids) >= MIN_ROWS else []


def _picks() -> list[AgentPick]:
    """The newest picks of listed agents, more than shown: not each has a row."""
    return _picks_query().instances()


@cache
def _picks_query() -> CompiledInstances[AgentPick]:
    # No join: SQLite would read all listed agents and ask for each whether it is picked.
    is_listed = Exists(Agent.objects.listed().filter(pk=OuterRef("agent")))
    picks = AgentPick.objects.filter(is_listed).order_by("-picked_at", "pk")[: PICKS + SPARE_PICKS]
    relations = ("picked_by_user", "picked_by_user__profile")
    return CompiledInstances(picks, relations=relations, annotations=())


def _in_order(ids: Iterable[UUID], rows: dict[UUID, AgentRow]) -> list[AgentRow]:
    return [rows[agent_id] for agent_id in ids if agent_id in rows]

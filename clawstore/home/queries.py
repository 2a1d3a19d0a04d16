"""Content of the home page: new, trending and picked agents, and categories."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from foundation.caching.values import cached_value
from registry.agents.revisions import agents_revision, site_revisions
from registry.agents.rows import AgentRow, list_rows
from registry.models import Agent, AgentPick, AgentQuerySet
from registry.search import AgentSearch
from registry.search.results import CategoryCount, count_categories, count_matches

ROWS = 5
PICKS = 3
SPARE = 5
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
    revisions = site_revisions()
    new, trending, picks = cached_value(
        ("home lists",),
        (revisions.catalogue, revisions.ranking),
        lambda: (_new(), _trending(), [pick.agent_id for pick in _picks()]),
    )
    # Only the list of most downloaded agents can change with each download.
    popular = [] if trending else _popular(new)
    listed = agents_revision([*new, *trending, *picks, *popular])
    return revisions.site, revisions.catalogue, listed


def home_page() -> HomePage:
    """All lists of the home page, with a constant number of queries."""
    listed = Agent.objects.listed()
    new, trending = _new(), _trending()
    popular = _popular(new)  # Always queried, so the number of queries is constant.
    picks = _picks()
    agent_ids = {*new, *trending, *popular, *(pick.agent_id for pick in picks)}
    rows = {row.id: row for row in list_rows(listed.filter(pk__in=agent_ids))}
    return HomePage(
        new=_in_order(new, rows),
        trending=_in_order(trending, rows),
        popular=[] if trending else _in_order(popular, rows),
        picks=[PickedAgent(rows[pick.agent_id], pick) for pick in picks if pick.agent_id in rows][
            :PICKS
        ],
        categories=count_categories(count_matches(AgentSearch())[1]),
    )


def _new() -> list[UUID]:
    return _first(Agent.objects.listed().order_by("-created_at", "id"))


def _trending() -> list[UUID]:
    listed = Agent.objects.listed().exclude(rising=None)
    return _enough(_first(listed.order_by("-rising", "id")))


def _first(agents: AgentQuerySet) -> list[UUID]:
    return list(agents.values_list("pk", flat=True)[:ROWS])


def _popular(new: list[UUID]) -> list[UUID]:
    """The most downloaded agents, or none if they equal the new ones."""
    downloaded = Agent.objects.listed().filter(downloads_30d__gt=0).order_by("-downloads_30d", "id")
    popular = _enough(_first(downloaded))
    return [] if set(popular) <= set(new) else popular


def _enough(ids: list[UUID]) -> list[UUID]:
    return ids if len(ids) >= MIN_ROWS else []


def _picks() -> list[AgentPick]:
    """The newest picks, some more than are shown, because not all may be listed."""
    picks = AgentPick.objects.select_related("picked_by_user__profile")
    return list(picks.order_by("-picked_at", "pk")[: PICKS + SPARE])


def _in_order(ids: Iterable[UUID], rows: dict[UUID, AgentRow]) -> list[AgentRow]:
    return [rows[agent_id] for agent_id in ids if agent_id in rows]

"""Content of the home page: new, trending and picked agents, and categories."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from foundation.caching.values import cached_value
from registry.agents.detail import Row, rows_of
from registry.agents.revisions import agents_revision, site_revisions
from registry.models import Agent, AgentPick, AgentQuerySet
from registry.search import AgentSearch
from registry.search.results import CategoryCount, count_categories, count_matches

ROWS = 5
PICKS = 3
SPARE = 5
# A list of fewer says little, and a young shop would be made of such lists.
ENOUGH = 3


@dataclass(frozen=True, slots=True)
class Picked:
    """An agent that a maintainer recommends, with who and why."""

    row: Row
    pick: AgentPick


@dataclass(frozen=True, slots=True)
class Front:
    """Lists of the home page.

    ``popular`` is shown only while too few agents are trending. A list needs ENOUGH rows.
    """

    new: list[Row]
    rising: list[Row]
    popular: list[Row]
    picks: list[Picked]
    shelves: list[CategoryCount]

    @property
    def total(self) -> int:
        return sum(shelf.count for shelf in self.shelves)

    @property
    def filled_shelves(self) -> list[CategoryCount]:
        """The index of the shop; of one shelf there is nothing to choose."""
        filled = [shelf for shelf in self.shelves if shelf.count]
        return filled if len(filled) > 1 else []

    @property
    def featured(self) -> Row | None:
        """The one whose label is shown beside the greeting."""
        picked = [picked.row for picked in self.picks]
        return next(iter([*picked, *self.rising, *self.popular, *self.new]), None)


def home_revision(_request: object) -> object:
    """The revision of the home page: which agents it lists, and the revision of each."""
    revisions = site_revisions()
    new, rising, picked = cached_value(
        ("home lists",),
        (revisions.catalogue, revisions.ranking),
        lambda: (_new(), _rising(), [pick.agent_id for pick in _picks()]),
    )
    # Alone of the lists, the most downloaded can change with each download.
    popular = [] if rising else _popular(new)
    listed = agents_revision([*new, *rising, *picked, *popular])
    return revisions.site, revisions.catalogue, listed


def front_of_shop() -> Front:
    """Few queries, and as many for ten agents as for ten thousand."""
    listed = Agent.objects.listed()
    new, rising = _new(), _rising()
    popular = _popular(new)  # Asked for in any case: a page costs the same each time.
    picks = _picks()
    wanted = {*new, *rising, *popular, *(pick.agent_id for pick in picks)}
    rows = {row.id: row for row in rows_of(listed.filter(pk__in=wanted))}
    return Front(
        new=_in_order(new, rows),
        rising=_in_order(rising, rows),
        popular=[] if rising else _in_order(popular, rows),
        picks=[Picked(rows[pick.agent_id], pick) for pick in picks if pick.agent_id in rows][
            :PICKS
        ],
        shelves=count_categories(count_matches(AgentSearch())[1]),
    )


def _new() -> list[UUID]:
    return _first(Agent.objects.listed().order_by("-created_at", "id"))


def _rising() -> list[UUID]:
    listed = Agent.objects.listed().exclude(rising=None)
    return _enough(_first(listed.order_by("-rising", "id")))


def _first(agents: AgentQuerySet) -> list[UUID]:
    return list(agents.values_list("pk", flat=True)[:ROWS])


def _popular(new: list[UUID]) -> list[UUID]:
    """The most downloaded agents, or none if they equal the new ones."""
    downloaded = Agent.objects.listed().filter(downloads_30d__gt=0).order_by("-downloads_30d", "id")
    popular = _enough(_first(downloaded))
    return [] if set(popular) <= set(new) else popular


def _enough(found: list[UUID]) -> list[UUID]:
    return found if len(found) >= ENOUGH else []


def _picks() -> list[AgentPick]:
    """The youngest first; some more than are shown, since not all may be listed now."""
    picks = AgentPick.objects.select_related("picked_by_user__profile")
    return list(picks.order_by("-picked_at", "pk")[: PICKS + SPARE])


def _in_order(ids: Iterable[UUID], rows: dict[UUID, Row]) -> list[Row]:
    return [rows[found] for found in ids if found in rows]

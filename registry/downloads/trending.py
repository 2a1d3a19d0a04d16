"""What is rising: the last week against the month before, such that neither one burst nor one
network wins. `registry.downloads.metrics` says it to everybody."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from statistics import median
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Min, Sum

from foundation.caching.actions import bump_revision
from foundation.clock import today
from registry.agents.revisions import RANKING
from registry.models import Agent, DownloadDay

RECENT_DAYS = 7
BEFORE_DAYS = 30
LEAST_BEFORE_DAYS = 7  # Without a week to compare with, all that is new would be rising.
LEAST_RECENT = 10
SMOOTHING = 20  # So many on both sides: ten after none are little, a thousand after ten are not.
LEAST_RISE = 1.25
DAY_CAP = 3  # Of the middle day, and as many more.
AT_ONCE = 400


@dataclass(frozen=True, slots=True)
class Weeks:
    """The days that are compared: ``recent`` full ones up to yesterday, and those before."""

    before: date
    recent: date
    yesterday: date

    @classmethod
    def until(cls, day: date) -> "Weeks":
        recent = day - timedelta(days=RECENT_DAYS)
        return cls(recent - timedelta(days=BEFORE_DAYS), recent, day - timedelta(days=1))


def rise(recent: Sequence[int], before: int, before_days: int) -> float | None:
    """How many times as much as expected, smoothed; None where nothing rises.

    ``recent`` has the networks of each day, ``before`` the sum of so many days.
    """
    if before_days < LEAST_BEFORE_DAYS:
        return None
    days = sorted([*recent, *[0] * (RECENT_DAYS - len(recent))])
    most = DAY_CAP * median(days) + DAY_CAP
    capped = sum(min(day, most) for day in days)
    if capped < LEAST_RECENT:
        return None
    expected = before * RECENT_DAYS / before_days
    risen = round((capped + SMOOTHING) / (expected + SMOOTHING), 4)
    return risen if risen >= LEAST_RISE else None


def refresh_rising() -> int:
    """Compute `rising` of every agent anew. Gives for how many it changed."""
    weeks = Weeks.until(today())
    began = DownloadDay.objects.aggregate(first=Min("day"))["first"]
    counted: dict[UUID, float] = {}
    for agents in _in_chunks(_candidates(weeks)):
        counted |= _risen(agents, weeks, began)
    stored = dict(Agent.objects.exclude(rising=None).values_list("pk", "rising"))
    changed = [pk for pk in stored.keys() | counted.keys() if stored.get(pk) != counted.get(pk)]
    if changed:
        _store_rising({agent_id: counted.get(agent_id) for agent_id in changed})
    return len(changed)


@transaction.atomic
def _store_rising(rises: Mapping[UUID, float | None]) -> None:
    for agent_id in sorted(rises):  # In the order in which everything locks agents.
        Agent.objects.filter(pk=agent_id).update(rising=rises[agent_id])
    bump_revision(RANKING)


def _candidates(weeks: Weeks) -> list[UUID]:
    """Whoever had enough in the week at all: few, of many agents."""
    days = DownloadDay.objects.filter(day__range=(weeks.recent, weeks.yesterday))
    sums = days.values("version__agent").annotate(total=Sum("networks"))
    return list(sums.filter(total__gte=LEAST_RECENT).values_list("version__agent", flat=True))


def _in_chunks(agents: Iterable[UUID]) -> Iterator[list[UUID]]:
    waiting = iter(agents)
    while chunk := list(islice(waiting, AT_ONCE)):
        yield chunk


def _risen(agents: list[UUID], weeks: Weeks, began: date) -> dict[UUID, float]:
    claimed = dict(Agent.objects.filter(pk__in=agents).values_list("pk", "created_at"))
    recent: dict[UUID, list[int]] = {agent_id: [] for agent_id in agents}
    before: Counter[UUID] = Counter()
    days = DownloadDay.objects.filter(
        version__agent__in=agents, day__range=(weeks.before, weeks.yesterday)
    )
    # Of several versions on one day the one with the most: a network that takes all of them in
    # turn is still one.
    for agent_id, day, networks in days.values_list("version__agent", "day").annotate(
        most=Max("networks")
    ):
        if day >= weeks.recent:
            recent[agent_id].append(networks)
        else:
            before[agent_id] += networks
    risen = {}
    for agent_id in agents:
        since = max(weeks.before, began, claimed[agent_id].date())
        found = rise(recent[agent_id], before[agent_id], (weeks.recent - since).days)
        if found is not None:
            risen[agent_id] = found
    return risen

"""Which agents are trending: the last seven days compared with the 30 days before.

Neither a single burst nor a single network can lift an agent. The metric "trending" in
`registry.downloads.metrics` publishes the rule.
"""

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
BASELINE_DAYS = 30
# With a shorter baseline, every new agent would be trending.
MIN_BASELINE_DAYS = 7
MIN_RECENT_NETWORKS = 10
# Added to both sides, so that ten after none are little and a thousand after ten are not.
SMOOTHING = 20
MIN_SCORE = 1.25
# A day counts at most this multiple of the median day, plus this number.
DAY_CAP = 3
BATCH = 400


@dataclass(frozen=True, slots=True)
class TrendPeriods:
    """The first days of the baseline and of the recent days, and the last recent day."""

    baseline: date
    recent: date
    yesterday: date

    @classmethod
    def before(cls, day: date) -> "TrendPeriods":
        """The periods of full days before ``day``."""
        recent = day - timedelta(days=RECENT_DAYS)
        return cls(recent - timedelta(days=BASELINE_DAYS), recent, day - timedelta(days=1))


def trend_score(recent: Sequence[int], baseline: int, baseline_days: int) -> float | None:
    """The networks of the recent days, divided by the expected number, both smoothed.

    ``recent`` has the networks of each day, ``baseline`` the sum of ``baseline_days``. None if the
    agent is not trending.
    """
    if baseline_days < MIN_BASELINE_DAYS:
        return None
    days = sorted([*recent, *[0] * (RECENT_DAYS - len(recent))])
    cap = DAY_CAP * median(days) + DAY_CAP
    networks = sum(min(day, cap) for day in days)
    if networks < MIN_RECENT_NETWORKS:
        return None
    expected_networks = baseline * RECENT_DAYS / baseline_days
    score = round((networks + SMOOTHING) / (expected_networks + SMOOTHING), 4)
    return score if score >= MIN_SCORE else None


def refresh_trending() -> int:
    """Update `Agent.trend_ratio` of all agents; returns the number of changes."""
    periods = TrendPeriods.before(today())
    first_day = DownloadDay.objects.aggregate(first=Min("day"))["first"]
    scores: dict[UUID, float] = {}
    for agent_ids in _batches(_candidates(periods)):
        scores |= _scores(agent_ids, periods, first_day)
    old_scores = dict(Agent.objects.exclude(trend_ratio=None).values_list("pk", "trend_ratio"))
    changed_ids = [
        agent_id
        for agent_id in old_scores.keys() | scores.keys()
        if old_scores.get(agent_id) != scores.get(agent_id)
    ]
    if changed_ids:
        _store_scores({agent_id: scores.get(agent_id) for agent_id in changed_ids})
    return len(changed_ids)


@transaction.atomic
def _store_scores(scores: Mapping[UUID, float | None]) -> None:
    # Sorted, so that two writers lock the agents in the same order.
    for agent_id in sorted(scores):
        Agent.objects.filter(pk=agent_id).update(trend_ratio=scores[agent_id])
    bump_revision(RANKING)


def _candidates(periods: TrendPeriods) -> list[UUID]:
    """The few agents with enough networks in the recent days."""
    days = DownloadDay.objects.filter(day__range=(periods.recent, periods.yesterday))
    sums = days.values("version__agent").annotate(total=Sum("networks"))
    agents = sums.filter(total__gte=MIN_RECENT_NETWORKS)
    return list(agents.values_list("version__agent", flat=True))


def _batches(agent_ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    iterator = iter(agent_ids)
    while batch := list(islice(iterator, BATCH)):
        yield batch


def _scores(agent_ids: list[UUID], periods: TrendPeriods, first_day: date) -> dict[UUID, float]:
    created_at = dict(Agent.objects.filter(pk__in=agent_ids).values_list("pk", "created_at"))
    recent: dict[UUID, list[int]] = {agent_id: [] for agent_id in agent_ids}
    baseline: Counter[UUID] = Counter()
    days = DownloadDay.objects.filter(
        version__agent__in=agent_ids, day__range=(periods.baseline, periods.yesterday)
    )
    # Only the version with most networks counts: a network that fetches all of them is one.
    for agent_id, day, networks in days.values_list("version__agent", "day").annotate(
        networks=Max("networks")
    ):
        if day >= periods.recent:
            recent[agent_id].append(networks)
        else:
            baseline[agent_id] += networks
    scores = {}
    for agent_id in agent_ids:
        # Days before the agent or the shop existed are not days without downloads.
        baseline_start = max(periods.baseline, first_day, created_at[agent_id].date())
        baseline_days = (periods.recent - baseline_start).days
        score = trend_score(recent[agent_id], baseline[agent_id], baseline_days)
        if score is not None:
            scores[agent_id] = score
    return scores

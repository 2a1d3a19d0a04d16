"""Downloads of the demo agents in the last hundred days.

The recorder counts requests as they come; months of them would take minutes. So the days are stored
at once, and the sums follow from them by the functions of the worker.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import exp, sqrt
from random import Random
from typing import Any
from uuid import UUID

from django.db import transaction

from foundation.clock import today
from registry.agents.actions import lock_agent
from registry.agents.revisions import update_numbers
from registry.downloads.hyperloglog import EMPTY_SKETCH, add_items
from registry.downloads.rolling import recount_networks, roll_sums
from registry.downloads.trending import refresh_trending
from registry.models import Agent, DownloadDay, NetworkSketch, Version
from registry.rules.periods import window_start
from registry.rules.semver import is_prerelease, precedence

# Share of the mean day, Monday first: people install agents at work.
WEEK = (1.15, 1.2, 1.15, 1.1, 0.95, 0.7, 0.75)
# Of all downloads, those by signed-in users, and those from a network of the same day.
SIGNED_IN, REPEATED = 0.14, 0.06
# The last days, in which a rising agent rises.
RISE = 9
# Days with rows, somewhat more than the longest chart shows: more would only slow the first start.
DAYS = 100
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Trend:
    """The mean downloads of a day, and how they develop."""

    per_day: float
    shape: str

    def level(self, day: int, days: int) -> float:
        """The expected downloads on a day, of as many days since the first version."""
        settled_level = 1 - 0.8 * exp(-day / 12)
        shapes = {
            "steady": settled_level,
            "growing": 0.3 + 1.4 * day / days,
            "fading": 0.15 + 1.3 * exp(-day / 50),
            "burst": 0.5 * settled_level + (5 * exp(-(day - 0.6 * days) / 3) if day > 0.6 * days else 0),
            "rising": settled_level * (1 + max(0, day - days + RISE) / 2.5),
        }
        return self.per_day * shapes[self.shape]


@dataclass
class PastDownloads:
    """Rows to store for one agent."""

    days: list[DownloadDay] = field(default_factory=list)
    sketches: list[NetworkSketch] = field(default_factory=list)
    fetches: Counter[UUID] = field(default_factory=Counter)


def add_downloads(trends: Mapping[str, Any]) -> None:
    """Store past downloads of the agents, unless there are downloads of demo agents."""
    if DownloadDay.objects.filter(version__agent__scope__startswith="demo-").exists():
        return
    agents = {agent.full_id: agent for agent in Agent.objects.filter(scope__startswith="demo-")}
    for full_id, (per_day, shape) in trends.items():
        _store(agents[full_id], _make_past(agents[full_id], Trend(per_day, shape)))
    roll_sums()
    recount_networks()
    refresh_trending()


@transaction.atomic
def _store(agent: Agent, past: PastDownloads) -> None:
    agent = lock_agent(agent.pk)
    DownloadDay.objects.bulk_create(past.days, batch_size=BATCH)
    NetworkSketch.objects.bulk_create(past.sketches, batch_size=BATCH)
    for version_id, fetches in sorted(past.fetches.items()):
        Version.objects.filter(pk=version_id).count_download(by=fetches)
    update_numbers(agent.pk, download_count=agent.download_count + past.fetches.total())


def _make_past(agent: Agent, trend: Trend) -> PastDownloads:
    # The same agent has the same past, whenever it is loaded.
    random = Random(agent.full_id)
    versions = sorted(
        Version.objects.of(agent.pk).not_withheld(), key=lambda row: precedence(row.version)
    )
    past, last_day = PastDownloads(), today()
    first_day = versions[0].uploaded_at.date()
    span = (last_day - first_day).days
    for number in range(max(0, span - DAYS), span + 1):
        day = first_day + timedelta(days=number)
        released_versions = [version for version in versions if version.uploaded_at.date() <= day]
        weights = _weights(released_versions, day)
        level = trend.level(number, span or 1) * WEEK[day.weekday()] * _news(released_versions, day)
        # The day of loading is not over.
        level *= 0.4 if day == last_day else 1
        count = max(0, round(random.gauss(level, sqrt(level))))
        choices = Counter(random.choices(range(len(released_versions)), weights, k=count))
        _add_day(past, random, day, {released_versions[index]: n for index, n in choices.items()})
        if day >= window_start(last_day) and count:
            pool = int(trend.per_day * 50) + 20
            networks = {f"{agent.full_id} {random.randrange(pool)}" for _ in range(count)}
            registers = add_items(EMPTY_SKETCH, networks)
            past.sketches.append(NetworkSketch(agent=agent, day=day, registers=registers))
    return past


def _news(released_versions: list[Version], day: date) -> float:
    """More people come in the days after a version."""
    age = (day - max(version.uploaded_at.date() for version in released_versions)).days
    return 1 + 0.7 * exp(-age / 3)


def _weights(released_versions: list[Version], day: date) -> list[float]:
    """How likely each version is downloaded: mostly the latest, after some days."""
    versions = [row for row in released_versions if not (row.yanked_at and row.yanked_at.date() < day)]
    stable = [row for row in versions if not is_prerelease(row.version)] or versions
    latest = stable[-1] if stable else None
    weights = []
    for version in released_versions:
        if version is latest:
            weights.append(1.2 - exp(-(day - version.uploaded_at.date()).days / 3))
        elif version in stable[-2:]:
            weights.append(0.15)
        else:
            weights.append(0.05 if version in versions else 0.01)
    return weights


def _add_day(
    past: PastDownloads, random: Random, day: date, downloads: Mapping[Version, int]
) -> None:
    for version, count in downloads.items():
        # Crawlers come, too, and some clients ask twice.
        fetches = count + round(random.expovariate(1 / (0.5 + count / 4)))
        past.days.append(
            DownloadDay(
                version=version,
                day=day,
                downloads=count,
                fetches=fetches,
                networks=count - sum(_chances(random, count, REPEATED)),
                signed_in=sum(_chances(random, count, SIGNED_IN)),
            )
        )
        past.fetches[version.pk] += fetches


def _chances(random: Random, count: int, chance: float) -> Iterator[bool]:
    return (random.random() < chance for _ in range(count))

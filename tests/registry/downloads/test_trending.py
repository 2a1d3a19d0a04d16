"""Trending agents: neither one burst nor one network is enough."""

from datetime import timedelta

import pytest

from foundation.accounts.models import User
from foundation.clock import now, today
from registry.downloads.trending import refresh_trending, trend_score
from registry.models import Agent, DownloadDay, Version
from tests.support.factories import make_agent, make_version

OLD = now() - timedelta(days=100)


@pytest.mark.parametrize(
    ("recent", "baseline", "baseline_days", "score"),
    [
        ([20] * 7, 300, 30, 1.7778),  # (140 + 20) / (70 + 20)
        ([10] * 7, 300, 30, None),  # As expected.
        ([20] * 7, 70, 7, 1.7778),  # A younger agent has a shorter baseline.
        ([20] * 7, 0, 6, None),  # Less than a week: the agent is new, not trending.
        ([10_000], 0, 30, None),  # One burst, then two and three of them.
        ([10_000] * 2, 0, 30, None),
        ([10_000] * 3, 0, 30, None),
        ([10_000, 10, 10, 10, 10, 10, 10], 0, 30, 5.65),  # 33 + 60: the burst counts as 33.
        ([1] * 7, 0, 30, None),  # One network, every day.
        ([2] * 7, 0, 30, 1.7),
    ],
)
def test_trend_score(
    recent: list[int], baseline: int, baseline_days: int, score: float | None
) -> None:
    assert trend_score(recent, baseline, baseline_days) == score


def add_networks(version: Version, days_ago: int, networks: int) -> None:
    day = today() - timedelta(days=days_ago)
    DownloadDay.objects.create(version=version, day=day, downloads=networks, networks=networks)


def agent_with(owner: User, name: str, *versions: str) -> tuple[Agent, list[Version]]:
    agent = make_agent(owner, name, created_at=OLD)
    return agent, [make_version(agent, number) for number in versions or ("1.0.0",)]


def scores() -> dict[str, float | None]:
    return dict(Agent.objects.order_by("name").values_list("name", "trend_ratio"))


def test_only_full_days_are_compared(ada: User) -> None:
    _, (version,) = agent_with(ada, "coach")
    add_networks(version, 0, 5000)  # Today is not over.
    for days_ago in range(1, 8):
        add_networks(version, days_ago, 20)
    for days_ago in range(8, 38):
        add_networks(version, days_ago, 10)
    add_networks(version, 38, 100_000)

    assert refresh_trending() == 1
    assert scores() == {"coach": 1.7778}
    assert refresh_trending() == 0

    DownloadDay.objects.filter(day__gte=today() - timedelta(days=7)).delete()
    assert refresh_trending() == 1
    assert scores() == {"coach": None}


@pytest.mark.once
def test_a_network_that_fetches_every_version_counts_once(ada: User) -> None:
    numbers = [f"1.0.{patch}" for patch in range(40)]
    _, versions = agent_with(ada, "many", *numbers)
    _, (other,) = agent_with(ada, "other")
    add_networks(other, 37, 1)  # The first day with counts.
    for days_ago in range(1, 8):
        for version in versions:
            add_networks(version, days_ago, 1)
        add_networks(other, days_ago, 5)

    refresh_trending()

    assert scores() == {"many": None, "other": pytest.approx(55 / (20 + 7 / 30), abs=1e-4)}


def test_no_agent_is_trending_in_the_first_two_weeks(ada: User) -> None:
    _, (version,) = agent_with(ada, "coach")
    for days_ago in range(1, 14):
        add_networks(version, days_ago, 50)
    refresh_trending()
    assert scores() == {"coach": None}

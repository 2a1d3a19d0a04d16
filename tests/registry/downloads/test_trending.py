"""What rises: neither one burst nor one network."""

from datetime import timedelta

import pytest

from foundation.accounts.models import User
from foundation.clock import now, today
from registry.downloads.trending import refresh_rising, rise
from registry.models import Agent, DownloadDay, Version
from tests.support.factories import make_agent, make_version

OLD = now() - timedelta(days=100)


@pytest.mark.parametrize(
    ("recent", "before", "before_days", "risen"),
    [
        ([20] * 7, 300, 30, 1.7778),  # (140 + 20) / (70 + 20)
        ([10] * 7, 300, 30, None),  # As expected.
        ([20] * 7, 70, 7, 1.7778),  # A younger agent is compared with what there is.
        ([20] * 7, 0, 6, None),  # Less than a week before: it is new, not rising.
        ([10_000], 0, 30, None),  # One burst, then two and three of them.
        ([10_000] * 2, 0, 30, None),
        ([10_000] * 3, 0, 30, None),
        ([10_000, 10, 10, 10, 10, 10, 10], 0, 30, 5.65),  # 33 + 60: the burst counts as 33.
        ([1] * 7, 0, 30, None),  # One network, every day.
        ([2] * 7, 0, 30, 1.7),
    ],
)
def test_a_rise(recent: list[int], before: int, before_days: int, risen: float | None) -> None:
    assert rise(recent, before, before_days) == risen


def happened(version: Version, days_ago: int, networks: int) -> None:
    day = today() - timedelta(days=days_ago)
    DownloadDay.objects.create(version=version, day=day, downloads=networks, networks=networks)


def agent_with(owner: User, name: str, *versions: str) -> tuple[Agent, list[Version]]:
    agent = make_agent(owner, name, created_at=OLD)
    return agent, [make_version(agent, number) for number in versions or ("1.0.0",)]


def risen() -> dict[str, float | None]:
    return dict(Agent.objects.order_by("name").values_list("name", "rising"))


def test_full_days_are_compared_and_it_ends_when_it_is_over(ada: User) -> None:
    _, (version,) = agent_with(ada, "coach")
    happened(version, 0, 5000)  # Today is not over.
    for days_ago in range(1, 8):
        happened(version, days_ago, 20)
    for days_ago in range(8, 38):
        happened(version, days_ago, 10)
    happened(version, 38, 100_000)

    assert refresh_rising() == 1
    assert risen() == {"coach": 1.7778}
    assert refresh_rising() == 0

    DownloadDay.objects.filter(day__gte=today() - timedelta(days=7)).delete()
    assert refresh_rising() == 1
    assert risen() == {"coach": None}


def test_a_network_that_takes_every_version_is_one(ada: User) -> None:
    numbers = [f"1.0.{patch}" for patch in range(40)]
    _, versions = agent_with(ada, "many", *numbers)
    _, (other,) = agent_with(ada, "other")
    happened(other, 37, 1)  # So long ago that counting began before.
    for days_ago in range(1, 8):
        for version in versions:
            happened(version, days_ago, 1)
        happened(other, days_ago, 5)

    refresh_rising()

    assert risen() == {"many": None, "other": pytest.approx(55 / (20 + 7 / 30), abs=1e-4)}


def test_in_the_first_two_weeks_of_counting_nothing_rises(ada: User) -> None:
    _, (version,) = agent_with(ada, "coach")
    for days_ago in range(1, 14):
        happened(version, days_ago, 50)
    refresh_rising()
    assert risen() == {"coach": None}

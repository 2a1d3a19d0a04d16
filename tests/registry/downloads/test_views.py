"""The downloads tab: chart and tables; definitions of metrics."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from foundation.accounts.models import User
from registry.downloads.chart import round_up_axis
from registry.downloads.metrics import COUNTING_CHANGES, METRICS
from registry.models import Agent, DownloadDay, Version
from tests.support.factories import make_agent, make_version
from tests.support.page import Page

pytestmark = pytest.mark.once

TODAY = date(2026, 12, 5)
ADDRESS = "/agents/@ada/coach/downloads"
Read = Callable[..., Page]


@pytest.fixture(autouse=True)
def fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day whose last 30 days have a definition change, but not its last 7."""
    monkeypatch.setattr("registry.downloads.chart.today", lambda: TODAY)


@pytest.fixture
def agent(ada: User) -> Agent:
    return make_agent(ada)


def add_downloads(version: Version, days_ago: int, downloads: int, fetches: int = 0) -> None:
    DownloadDay.objects.create(
        version=version,
        day=TODAY - timedelta(days=days_ago),
        downloads=downloads,
        fetches=fetches or downloads,
        networks=downloads,
    )


def bar_count(page: Page) -> int:
    """The number of bars. Logo and identicons have rects without percentages."""
    return sum("%" in (rect.get("height") or "") for rect in page.all("rect"))


def test_every_day_and_version_is_in_chart_and_table(agent: Agent, read: Read) -> None:
    old, new = make_version(agent, "1.9.0"), make_version(agent, "1.10.0")
    add_downloads(old, 0, 3, fetches=8)
    add_downloads(new, 0, 1200)
    add_downloads(new, 29, 1)
    add_downloads(new, 30, 50)

    page = read(ADDRESS)

    assert "1,204" in page.texts
    assert "1,209" in page.texts
    labels = [svg.get("aria-label") for svg in page.all("svg") if svg.get("role") == "img"]
    assert labels[0] == (
        "1,204 downloads in 30 days, at most 1,203 on one day (5 December 2026)."
        " The table below lists every day."
    )
    assert labels[1:] == ["Version 1.10.0, per day", "Version 1.9.0, per day"]
    assert bar_count(page) == 2 + 2 + 1
    assert page.texts.count("5 Dec 2026") == 2  # The end of the axis, and the table.
    assert ": 1,200" in page.texts
    assert ": 3" in page.texts
    assert not [attributes for _, attributes in page.tags if "style" in attributes]


def test_a_definition_change_is_marked(
    agent: Agent, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_downloads(make_version(agent), 1, 2)
    # How counting began is no change.
    assert read(ADDRESS).all("line") == []
    monkeypatch.setattr("registry.downloads.chart.COUNTING_CHANGES", COUNTING_CHANGES[:1] * 2)

    page = read(f"{ADDRESS}?days=30")
    assert len(page.all("line")) == 1
    assert any(str(COUNTING_CHANGES[0].description) in text for text in page.texts)
    assert "Daily counts start on 4 Dec 2026; no data before that." in (page.texts)

    assert read(f"{ADDRESS}?days=7").all("line") == []


def test_an_agent_without_downloads(agent: Agent, read: Read) -> None:
    make_version(agent)

    page = read(ADDRESS)

    assert "No downloads in the last 30 days." in page.texts
    assert bar_count(page) == 0


@pytest.mark.parametrize("days", ["0", "91", "-1", "many", "", "1e1", "9" * 5000, "٣"])
def test_invalid_periods_are_refused(agent: Agent, read: Read, days: str) -> None:
    make_version(agent)

    assert "days must be a whole number from 1 to 90." in read(f"{ADDRESS}?days={days}", 400).text


def test_the_number_of_queries_is_constant(agent: Agent, queries_of: Callable[[str], int]) -> None:
    add_downloads(make_version(agent), 0, 1)
    cost = queries_of(ADDRESS)

    for patch in range(1, 20):
        add_downloads(make_version(agent, f"1.0.{patch}"), patch, 1)

    assert queries_of(ADDRESS) == cost


def test_at_most_twelve_versions_have_a_chart(agent: Agent, read: Read) -> None:
    for patch in range(15):
        add_downloads(make_version(agent, f"1.0.{patch}"), 0, 1)

    page = read(ADDRESS)

    assert "3 older versions" in page.texts
    assert "others: 11" in page.texts


@pytest.mark.parametrize(
    ("count", "axis_max"),
    [(0, 5), (5, 5), (6, 10), (11, 20), (21, 50), (51, 100), (201, 500), (10**6 + 1, 2 * 10**6)],
)
def test_an_axis_ends_at_a_round_number(count: int, axis_max: int) -> None:
    assert round_up_axis(count) == axis_max


def test_every_link_to_a_definition_has_an_anchor(agent: Agent, read: Read) -> None:
    add_downloads(make_version(agent), 0, 1)
    about = read("/about/numbers")
    anchors = {attributes["id"] for _, attributes in about.tags if "id" in attributes}

    linked_keys = {
        link.rpartition("#")[2]
        for address in (ADDRESS, "/agents/@ada/coach/versions", "/")
        for link in read(address).links()
        if link.startswith("/about/numbers#")
    }

    assert {"downloads", "fetches", "all-fetches", "size"} <= linked_keys
    assert linked_keys <= set(METRICS) <= anchors

"""Statistics of an agent for its owner: the page, and /v1/agents/…/numbers."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clawstore.author_stats.queries import VERSIONS_PER_PAGE
from foundation.accounts.models import User
from foundation.actor import Actor
from registry.agents.actions import delist_agent, withhold_version
from registry.models import Agent, DownloadDay, Version, VersionFile, VersionFinding
from reviews.models import Review
from tests.support.factories import make_agent, make_user, make_version
from tests.support.http import Api
from tests.support.page import MAX_QUERIES, Page

TODAY = date(2026, 12, 5)
PAGE = "/publish/agents/@ada/coach/numbers"
JSON = "/v1/agents/ada/coach/numbers"
Mint = Callable[..., str]


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.downloads.chart.today", lambda: TODAY)
    monkeypatch.setattr("reviews.queries.today", lambda: TODAY)


@pytest.fixture
def coach(ada: User) -> Agent:
    return make_agent(ada, "coach")


@pytest.fixture
def key(ada: User, key_for: Mint) -> str:
    return key_for(ada, "read")


def checked(agent: Agent, number: str, **warnings: int) -> Version:
    """A version whose bytes were checked, with numbers of warnings by rule."""
    version = make_version(agent, number)
    VersionFile.objects.create(version=version, rule_set="1", path="a.md", size_bytes=1)
    warned(version, "1", **warnings)
    return version


def warned(version: Version, rule_set: str, **warnings: int) -> None:
    for code, count in warnings.items():
        for line in range(count):
            VersionFinding.objects.create(
                version=version, rule_set=rule_set, code=code, severity="warning", line=line
            )


def reviewed(agent: Agent, rating: int, year: int, month: int, day: int = 1) -> None:
    reader = make_user(f"reader-{Review.objects.count()}")
    moment = datetime(year, month, day, tzinfo=UTC)
    Review.objects.create(
        agent=agent, reviewer_user=reader, rating=rating, created_at=moment, updated_at=moment
    )


def fetched(version: Version, days_ago: int, downloads: int, signed_in: int = 0) -> None:
    DownloadDay.objects.create(
        version=version,
        day=TODAY - timedelta(days=days_ago),
        downloads=downloads,
        fetches=downloads * 2,
        networks=downloads,
        signed_in=signed_in,
    )


def as_seen_by(user: User, address: str = PAGE, status: int = 200) -> Page:
    client = Client()
    client.force_login(user)
    answer = client.get(address)
    assert answer.status_code == status
    return Page(answer.content.decode())


@pytest.mark.once
def test_page_shows_downloads_and_installs(coach: Agent, ada: User) -> None:
    version = checked(coach, "1.0.0")
    fetched(version, 0, 30, signed_in=7)
    fetched(version, 3, 10, signed_in=1)

    page = as_seen_by(ada)

    labels = [svg.get("aria-label") for svg in page.all("svg") if svg.get("role") == "img"]
    assert labels == [
        "40 downloads in 30 days, at most 30 on one day (5 December 2026)."
        " The table below lists every day.",
        "8 signed-in installs in 30 days. The table below lists every day.",
        "Version 1.0.0, per day",
    ]
    assert {"5 Dec 2026: 30 downloads", "5 Dec 2026: 7 installs", "2 Dec 2026: 1 install"} <= set(
        page.texts
    )
    # Counting began on a day of the chart, which is no change of its definition.
    assert page.all("line") == []
    assert page.headings().count(1) == 1


def test_ratings_are_listed_by_month_without_gaps(coach: Agent, ada: User) -> None:
    make_version(coach)
    reviewed(coach, 5, 2026, 9)
    reviewed(coach, 2, 2026, 9, 30)
    reviewed(coach, 5, 2026, 11)

    page = as_seen_by(ada)

    rows = page.text[page.text.index("Month (UTC)") : page.text.index("Based on current reviews")]
    assert rows == (
        "Month (UTC) Average of its reviews Reviews Average so far"
        " Dec 2026 – 0 4.0 from 3"
        " Nov 2026 5.0 1 4.0 from 3"
        " Oct 2026 – 0 3.5 from 2"
        " Sep 2026 3.5 2 3.5 from 2 "
    )
    assert [svg["width"] for svg in page.all("rect") if svg.get("height") == "100%"] == [
        "100%",
        "70%",
    ]


@pytest.mark.once
def test_warnings_are_listed_by_version(coach: Agent, ada: User, as_root: Actor) -> None:
    checked(coach, "1.0.0", broken_reference=2, unknown_extension=1)
    better = checked(coach, "1.1.0", broken_reference=3)
    warned(better, "2", broken_reference=1)  # Only warnings of the newest rule set count.
    checked(coach, "1.2.0", text_file_large=4)
    withhold_version(coach, "1.2.0", reason="malware", text="It steals.", by=as_root)
    make_version(coach, "1.3.0")

    page = as_seen_by(ada)

    # Each rule is a link, so its name is a text of its own.
    rows = page.text[page.text.index("By rule") : page.text.index("Newest version first")]
    days = page.text[page.text.index("1.3.0") + 6 :].split(" Not checked")[0]
    assert rows.replace(days, "DAY").strip() == (
        "By rule 1.3.0 DAY Not checked: the package was never stored here. 1.2.0 DAY Withheld:"
        " the results are not shown. 1.1.0 DAY 1 (−2) Links to missing files : 1 1.0.0 DAY 3"
        " Links to missing files : 2 Unknown file types : 1"
    )


def test_last_row_is_compared_with_the_next_page(coach: Agent, ada: User) -> None:
    checked(coach, "1.0.0", broken_reference=5)
    checked(coach, "1.1.0", broken_reference=1)
    for minor in range(2, VERSIONS_PER_PAGE + 1):
        make_version(coach, f"1.{minor}.0")

    first, second = as_seen_by(ada), as_seen_by(ada, f"{PAGE}?page=2")

    assert "(−4)" in first.texts
    assert "(−4)" not in second.texts
    assert "1.0.0" not in first.texts


@pytest.mark.once
def test_agent_without_data_has_an_empty_page(coach: Agent, ada: User) -> None:
    make_version(coach)

    page = as_seen_by(ada)

    assert "No downloads in the last 30 days." in page.texts
    assert "No reviews yet." in page.texts
    assert "Not checked: the package was never stored here." in page.texts


def test_only_the_owner_and_maintainers_see_the_page(
    coach: Agent, ada: User, grace: User, root: User, as_root: Actor
) -> None:
    make_version(coach)

    for user, status in ((ada, 200), (root, 200), (grace, 404)):
        as_seen_by(user, status=status)
    assert Client().get(PAGE)["Location"] == f"/signin?next={quote(PAGE)}"

    delist_agent(coach, reason="Spam.", by=as_root)
    as_seen_by(ada)
    as_seen_by(grace, status=404)


def test_my_agents_page_links_to_statistics(coach: Agent, ada: User) -> None:
    make_version(coach)

    for address in ("/publish/agents", "/publish/agents/@ada/coach"):
        assert PAGE in as_seen_by(ada, address).links()


@pytest.mark.once
def test_page_takes_a_constant_number_of_queries(coach: Agent, ada: User) -> None:
    client = Client()
    client.force_login(ada)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(PAGE).status_code == 200
        return len(queries)

    fetched(checked(coach, "1.0.0", broken_reference=1), 0, 1)
    reviewed(coach, 5, 2026, 11)
    cost()
    little = cost()
    for minor in range(1, 12):
        fetched(checked(coach, f"1.{minor}.0", broken_reference=minor), minor, 1)
        reviewed(coach, 5, 2026, minor)

    assert cost() == little <= MAX_QUERIES


# --- As JSON ---------------------------------------------------------------------------------


def test_json_has_the_numbers_of_the_page(coach: Agent, api: Api, key: str) -> None:
    version = checked(coach, "1.0.0", broken_reference=2)
    fetched(version, 1, 3, signed_in=2)
    reviewed(coach, 4, 2026, 12)

    stats = api.get(f"{JSON}?days=2", key=key).json()

    publication = stats["versions"][0].pop("publishedAt")
    assert publication.endswith("Z")
    assert stats == {
        "id": "@ada/coach",
        "from": "2026-12-04",
        "to": "2026-12-05",
        "countedSince": "2026-12-04",
        "downloads": 3,
        "fetches": 6,
        "signedInInstalls": 2,
        "days": [
            {"day": "2026-12-05", "downloads": 0, "fetches": 0, "signedInInstalls": 0},
            {"day": "2026-12-04", "downloads": 3, "fetches": 6, "signedInInstalls": 2},
        ],
        "changes": [],
        "ratings": [
            {
                "month": "2026-12",
                "average": 4.0,
                "count": 1,
                "averageSoFar": 4.0,
                "countSoFar": 1,
            }
        ],
        "versions": [
            {"version": "1.0.0", "isWithheld": False, "warnings": {"broken_reference": 2}}
        ],
    }


@pytest.mark.once
def test_only_the_owner_and_maintainers_get_the_json(
    coach: Agent, api: Api, grace: User, root: User, ada: User, key: str, key_for: Mint
) -> None:
    make_version(coach)

    def answer(credential: str, address: str = JSON) -> tuple[int, Any]:
        response = api.get(address, key=credential)
        return response.status_code, response.json().get("error", {}).get("code")

    assert answer(key) == (200, None)
    assert answer(key_for(root, "read")) == (200, None)
    assert answer("") == (401, "unauthorized")
    assert answer(key_for(grace, "read")) == (404, "agent_not_found")
    assert answer(key_for(ada, "agents:publish")) == (403, "insufficient_scope")
    bound_key = key_for(ada, "read", bound_to="@ada/other")
    assert answer(bound_key) == (403, "insufficient_scope")
    assert answer(key, f"{JSON}?days=91") == (400, "invalid_parameter")
    assert answer(key, "/v1/agents/ada/nothing/numbers") == (404, "agent_not_found")

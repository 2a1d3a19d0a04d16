"""The demo catalogue: its days, its events and its downloads."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clawstore.home.queries import home_page
from devtools.demo import DEMO, NotInProduction, load_demo
from devtools.demo.calendar import Calendar, written_day
from devtools.demo.catalogue import list_folders, read_versions
from devtools.demo.downloads import add_downloads
from devtools.demo.events import MARKS, make_mark, missing_events
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from foundation.clock import fixed_time, now, today
from registry.downloads.recount import find_differences
from registry.models import Agent, AgentPick, DownloadDay
from tests.support.uploads import publish

CATALOGUE = json.loads((DEMO / "catalogue.json").read_text(encoding="utf-8"))
PICKS = [
    {"id": "@ada/coach", "reason": "It asks for nothing."},
    {"id": "@ada/planner", "reason": "It plans."},
]


def list_picks() -> list[tuple[str, str]]:
    return [(f"@{pick.row.scope}/{pick.row.name}", pick.pick.reason) for pick in home_page().picks]


@pytest.fixture
def agents(as_ada: Actor) -> None:
    for pick in PICKS:
        publish(as_ada, pick["id"])


def catalogue_of(**lists: Any) -> dict[str, Any]:
    empty: dict[str, Any] = {name: [] for name in ("users", "reviews", "reports", *MARKS)}
    return CATALOGUE | empty | lists


def list_marks() -> Iterator[tuple[str, dict[str, Any]]]:
    return ((action, mark) for action in MARKS for mark in CATALOGUE[action])


@pytest.mark.django_db
def test_picks_are_on_the_home_page(agents: None, as_root: Actor) -> None:
    for pick in PICKS:
        make_mark("agent.picked", pick, as_root.require_user().username)

    assert list_picks() == [(pick["id"], pick["reason"]) for pick in reversed(PICKS)]


@pytest.mark.django_db
def test_removed_pick_stays_removed(monkeypatch: pytest.MonkeyPatch, as_root: Actor) -> None:
    monkeypatch.setattr("devtools.demo.events.list_folders", list)
    publish_as_demo = CATALOGUE["agent.picked"][0]
    AuditLog.objects.create(
        action="agent.picked", entity_type="agent", entity_id=publish_as_demo["id"]
    )

    events = missing_events(
        catalogue_of(**{"agent.picked": [publish_as_demo]}), Calendar(timedelta())
    )

    assert events == []


def test_event_happens_at_a_fixed_time() -> None:
    moment = datetime(2026, 5, 17, 8, 30, tzinfo=UTC)

    with fixed_time(moment):
        assert (now(), today()) == (moment, date(2026, 5, 17))

    assert now() > moment


def test_days_move_together_and_never_into_the_future() -> None:
    calendar = Calendar.ending_today("2026-11-21")
    changelog = b"# Changelog\n\n## 1.0.0 - 2026-11-20\n\n- On 2026-11-20.\n"

    yesterday = today() - timedelta(days=1)
    assert calendar.move_days(changelog).decode() == (
        f"# Changelog\n\n## 1.0.0 - {yesterday}\n\n- On 2026-11-20.\n"
    )
    assert calendar.moment("2026-11-20", "x") == calendar.moment("2026-11-20", "x")
    assert calendar.moment("2027-11-20", "x") < now()


def test_events_of_the_catalogue_come_after_what_they_are_about() -> None:
    days = {
        (f"@{folder.parent.name}/{folder.name}", version.number): version.day
        for folder in list_folders()
        for version in read_versions(folder)
    }
    first_days: dict[str, str] = {}
    for (full_id, _), day in days.items():
        first_days[full_id] = min(day, first_days.get(full_id, day))

    assert all(day < CATALOGUE["written_on"] for day in days.values())
    for review in CATALOGUE["reviews"]:
        assert first_days[review["id"]] < review["day"] < CATALOGUE["written_on"]
        assert "reply" not in review or review["day"] < review["reply"]["day"]
    for _, mark in list_marks():
        since = days[mark["id"], mark["version"]] if "version" in mark else first_days[mark["id"]]
        assert since < mark["day"]
        assert "appeal" not in mark or mark["day"] < mark["appeal"]["day"]
    for report in CATALOGUE["reports"]:
        assert first_days[report["id"]] < report["day"]
        assert "decision" not in report or report["day"] < report["decision"]["day"]
    assert CATALOGUE["downloads"].keys() == first_days.keys()


def test_versions_of_the_catalogue_appear_in_the_order_of_their_numbers() -> None:
    for folder in list_folders():
        days = [version.day for version in read_versions(folder)]

        assert days == sorted(set(days)), folder


def test_change_log_without_a_day_is_named() -> None:
    with pytest.raises(LookupError, match=r"no day for 1\.1\.0"):
        written_day(b"## 1.0.0 - 2026-01-01\n", "1.1.0")


def test_catalogue_picks_agents_of_others_that_exist() -> None:
    max_length = AgentPick._meta.get_field("reason").max_length
    people = {user["login"] for user in CATALOGUE["users"]}

    assert CATALOGUE["maintainer"] in people
    assert len(CATALOGUE["agent.picked"]) == 3
    for pick in CATALOGUE["agent.picked"]:
        scope, name = pick["id"].removeprefix("@").split("/")
        assert Path(DEMO, scope, name).is_dir()
        assert scope != CATALOGUE["maintainer"]
        assert 0 < len(pick["reason"]) <= (max_length or 0)


@pytest.mark.django_db
def test_past_downloads_agree_with_a_recount_and_are_added_once(as_ada: Actor) -> None:
    with fixed_time(now() - timedelta(days=50)):
        publish(as_ada, "@ada/coach")
    Agent.objects.update(scope="demo-ada")

    add_downloads({"@demo-ada/coach": [9, "rising"]})
    add_downloads({"@demo-ada/coach": [9, "rising"]})

    agent = Agent.objects.get()
    assert agent.trend_ratio
    assert agent.downloads_30d > agent.networks_30d > 0
    assert agent.download_count > agent.downloads_30d
    assert DownloadDay.objects.count() <= 51
    assert not [
        difference
        for _, differences in find_differences()
        for difference in differences
        if difference.column != "wrong search terms"  # The scope was changed.
    ]


@pytest.mark.django_db
def test_demo_is_not_loaded_in_production(settings: Any) -> None:
    settings.IN_DEVELOPMENT = False

    with pytest.raises(NotInProduction):
        load_demo()

    assert AgentPick.objects.count() == 0

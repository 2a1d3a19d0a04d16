"""The change feed and the index file as a mirror reads them."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record, without_reactions
from foundation.jobs.actions import run_due_jobs
from registry.agents.actions import (
    delist_agent,
    lift_withholding,
    relist_agent,
    unyank_version,
    withhold_version,
    yank_version,
)
from registry.mirrors.actions import append_missing_events, append_recent_events
from registry.mirrors.queries import read_feed
from registry.models import FeedEntry
from tests.support.factories import SYSTEM, make_agent, make_version
from tests.support.http import Api
from tests.support.races import run_at_once
from tests.support.uploads import publish

INDEX = "/v1/index/@ada/coach.json"


def read_all(api: Api, limit: int = 2) -> list[tuple[str, str, str | None]]:
    """All entries of the feed, page by page."""
    entries, since = [], ""
    while True:
        answer = api.get(f"/v1/changes?limit={limit}&since={since}").json()
        entries += [(e["kind"], e["id"], e["version"]) for e in answer["items"]]
        if not answer["more"]:
            return entries
        since = answer["next"]


def record_publish(name: str) -> None:
    with transaction.atomic():
        record("version.published", "version", f"@ada/{name}@1.0.0", by=SYSTEM)


@pytest.mark.once
def test_feed_has_every_public_event_in_its_order(
    api: Api, ada: User, as_ada: Actor, as_root: Actor
) -> None:
    agent = publish(as_ada, "@ada/coach").agent
    yank_version(agent, "1.0.0", reason="It loses data", by=as_ada)
    unyank_version(agent, "1.0.0", by=as_root)
    withhold_version(agent, "1.0.0", reason="malware", text="It is one", by=as_root)
    lift_withholding(agent, "1.0.0", reason="It is none", by=as_root)
    delist_agent(agent, reason="No", by=as_root)
    relist_agent(agent, by=as_root)
    run_due_jobs()

    assert read_all(api) == [
        ("version.published", "@ada/coach", "1.0.0"),
        ("version.yanked", "@ada/coach", "1.0.0"),
        ("version.unyanked", "@ada/coach", "1.0.0"),
        ("version.withheld", "@ada/coach", "1.0.0"),
        ("version.withholding_lifted", "@ada/coach", "1.0.0"),
        ("agent.delisted", "@ada/coach", None),
        ("agent.relisted", "@ada/coach", None),
    ]


@pytest.mark.once
def test_feed_entry_does_not_name_the_actor(api: Api, as_ada: Actor) -> None:
    agent = publish(as_ada, "@ada/coach").agent
    yank_version(agent, "1.0.0", reason="A reason", by=as_ada)
    append_recent_events()

    items = api.get("/v1/changes").json()["items"]
    assert [sorted(item) for item in items] == [["at", "id", "kind", "version"]] * 2


@pytest.mark.once
def test_private_event_is_not_in_the_feed(api: Api, ada: User, root: User) -> None:
    append_missing_events()

    assert api.get("/v1/changes").json() == {"items": [], "next": None, "more": False}


def test_cursor_of_the_last_page_returns_later_entries(api: Api, db: None) -> None:
    record_publish("one")
    append_recent_events()
    first = api.get("/v1/changes").json()
    empty = api.get(f"/v1/changes?since={first['next']}").json()
    assert empty == {"items": [], "next": first["next"], "more": False}

    record_publish("two")
    append_recent_events()

    later = api.get(f"/v1/changes?since={first['next']}").json()
    assert [item["id"] for item in later["items"]] == ["@ada/two"]
    assert later["next"] != first["next"]


def test_appending_twice_adds_no_entry(db: None) -> None:
    record_publish("one")

    assert (append_recent_events(), append_recent_events(), append_missing_events()) == (1, 0, 0)


def test_event_without_a_job_is_appended_later(db: None) -> None:
    """Such events come from a demo or a restored log."""
    record_publish("one")
    append_recent_events()
    with without_reactions():
        record_publish("two")
    run_due_jobs()

    append_missing_events()

    assert list(FeedEntry.objects.order_by("position").values_list("position", "full_id")) == [
        (1, "@ada/one"),
        (2, "@ada/two"),
    ]


@pytest.mark.parametrize("since", ["x", "W10", "WyJjaGFuZ2VzIiwieCJd", "é", "WyJhIiwxXQ"])
def test_foreign_cursor_is_refused(api: Api, since: str) -> None:
    answer = api.get(f"/v1/changes?since={since}")

    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["details"]) == ("invalid_parameter", {"parameter": "since"})


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_mirror_misses_nothing_while_others_publish(settings: Any) -> None:
    """Four threads append at once; a mirror that keeps reading gets each entry once."""
    end = threading.Event()
    ids: list[str] = []

    def follow() -> None:
        cursor = None
        while True:
            is_last_read = end.is_set()
            page = read_feed(cursor, limit=3)
            ids.extend(entry.full_id for entry in page.entries)
            cursor = page.cursor
            if is_last_read and not page.has_more:
                return

    def write(writer: int) -> None:
        for number in range(6):
            record_publish(f"{writer}-{number}")
            append_recent_events()

    mirror = threading.Thread(target=lambda: (follow(), connection.close()))
    mirror.start()
    outcomes = run_at_once([lambda n=n: write(n) for n in range(4)])
    append_missing_events()
    end.set()
    mirror.join()

    assert outcomes == [None] * 4
    assert sorted(ids) == sorted(f"@ada/{w}-{n}" for w in range(4) for n in range(6))
    positions = FeedEntry.objects.order_by("position").values_list("position", flat=True)
    assert list(positions) == list(range(1, 25))


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_late_commit_is_appended_after_earlier_positions(settings: Any) -> None:
    """An event that is written first and committed last is not lost."""
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time: nothing commits out of order.")
    row_is_there, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            record("version.published", "version", "@ada/slow@1.0.0", by=SYSTEM)
            row_is_there.set()
            go_on.wait(timeout=10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    row_is_there.wait(timeout=10)
    record_publish("quick")
    append_recent_events()
    first = read_feed(None, limit=10)
    go_on.set()
    thread.join()
    append_recent_events()

    assert [entry.full_id for entry in first.entries] == ["@ada/quick"]
    later = read_feed(first.cursor, limit=10)
    assert [entry.full_id for entry in later.entries] == ["@ada/slow"]


@pytest.mark.once
def test_index_file_has_the_state_of_every_version(
    api: Api, ada: User, as_root: Actor, django_assert_num_queries: Any
) -> None:
    agent = make_agent(ada, "coach")
    for number in ("1.0.0", "1.1.0", "1.2.0", "2.0.0-beta.1"):
        make_version(agent, number)
    yank_version(agent, "1.1.0", reason="No", by=as_root)
    withhold_version(agent, "1.2.0", reason="court", text="An order", by=as_root)

    with django_assert_num_queries(2):
        answer = api.get(INDEX)

    index = answer.json()
    assert (index["id"], index["latest"]) == ("@ada/coach", "1.0.0")
    states = [(v["version"], bool(v["yankedAt"]), v["withheld"]) for v in index["versions"]]
    assert sorted(states) == [
        ("1.0.0", False, False),
        ("1.1.0", True, False),
        ("1.2.0", False, True),
        ("2.0.0-beta.1", False, False),
    ]
    first = next(v for v in index["versions"] if v["version"] == "1.0.0")
    assert (first["sha256"], first["sizeBytes"], first["channel"]) == ("0" * 64, 1000, "community")
    assert first["tarballUrl"].endswith("/v1/agents/ada/coach/versions/1.0.0/tarball")


def test_index_file_has_an_etag_and_a_lifetime(api: Api, ada: User) -> None:
    agent = make_agent(ada, "coach")
    make_version(agent)
    answer = api.get(INDEX)
    assert answer["Cache-Control"] == "public, max-age=60, stale-while-revalidate=600"

    second_answer = api.get(INDEX, if_none_match=answer["ETag"])
    assert (second_answer.status_code, second_answer.content) == (304, b"")
    make_version(agent, "1.1.0")
    assert api.get(INDEX, if_none_match=answer["ETag"]).status_code == 200


@pytest.mark.once
def test_index_file_does_not_depend_on_the_user(
    api: Api, ada: User, as_root: Actor, key_for: Any
) -> None:
    """The owner may see a delisted agent; a cache would show it to all visitors."""
    agent = make_agent(ada, "coach")
    make_version(agent)
    delist_agent(agent, reason="No", by=as_root)

    assert api.get(INDEX).status_code == api.get(INDEX, key=key_for(ada, "read")).status_code == 410
    assert api.get("/v1/index/@ada/nothing.json").status_code == 404

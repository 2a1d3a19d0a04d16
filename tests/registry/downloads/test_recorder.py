"""Which requests count as fetches, downloads, networks and signed-in users."""

from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import today
from registry.downloads.recorder import (
    DownloadEvent,
    DownloadRecorder,
    EventKind,
    make_event,
    write_events,
)
from registry.downloads.rolling import delete_old_seen_keys
from registry.models import Agent, DownloadDay, DownloadSeen, Version
from tests.support.http import Api
from tests.support.uploads import publish

DETAIL = "/v1/agents/ada/planner/versions/1.0.0"
TARBALL = f"{DETAIL}/tarball"
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.fixture
def version(as_ada: Actor) -> Version:
    return publish(as_ada)


def fetch(api: Api, address: str = "192.0.2.1", **options: Any) -> None:
    api.client.defaults["REMOTE_ADDR"] = address
    response = api.get(TARBALL, **options)
    assert (response.status_code, bool(b"".join(response.streaming_content))) == (200, True)  # type: ignore[attr-defined]


def day_counts(day: date | None = None) -> tuple[int, int, int, int]:
    """Fetches, downloads, networks and signed-in users of the version."""
    columns = ("fetches", "downloads", "networks", "signed_in")
    rows = DownloadDay.objects.filter(day=day or today()).values_list(*columns)
    return rows.first() or (0, 0, 0, 0)


def agent_counts() -> tuple[int, int, int]:
    """Raw counts of the version and the agent, and the agent's downloads in 30 days."""
    agent = Agent.objects.get()
    return Version.objects.get().download_count, agent.download_count, agent.downloads_30d


def test_a_network_counts_one_download_a_day(api: Api, version: Version) -> None:
    for _ in range(3):
        fetch(api)
    fetch(api, "192.0.2.2")

    assert day_counts() == (4, 2, 2, 0)
    assert agent_counts() == (4, 4, 2)


@pytest.mark.once
def test_the_addresses_of_one_ipv6_connection_are_one_network(api: Api, version: Version) -> None:
    for address in ("2001:db8:1::1", "2001:db8:1:2::9", "2001:db8:2::1"):
        fetch(api, address)

    assert day_counts() == (3, 2, 2, 0)


def test_a_signed_in_user_counts_once_in_all_networks(
    api: Api, version: Version, ada: User, grace: User, key_for: Any
) -> None:
    grace_key, ada_key = key_for(grace, "read"), key_for(ada, "read")
    for address in ("192.0.2.1", "192.0.2.2"):
        fetch(api, address, key=grace_key)
    fetch(api, "192.0.2.2", key=ada_key)
    fetch(api, "192.0.2.2")

    assert day_counts() == (4, 3, 2, 2)


def test_each_version_is_a_download(api: Api, as_ada: Actor, version: Version) -> None:
    publish(as_ada, version="1.1.0")

    fetch(api)
    api.get(TARBALL.replace("1.0.0", "1.1.0"))

    assert sorted(DownloadDay.objects.values_list("downloads", flat=True)) == [1, 1]
    assert Agent.objects.get().downloads_30d == 2


@pytest.mark.once
@pytest.mark.parametrize(
    "headers",
    [
        {"user_agent": GOOGLE},
        {"user_agent": "Mozilla/5.0 (compatible; AhrefsBot/7.0)"},
        {"user_agent": "clawstore-check/1"},
    ],
)
def test_a_bot_counts_as_fetch_but_not_as_download(
    api: Api, version: Version, headers: dict[str, str]
) -> None:
    fetch(api, **headers)

    assert day_counts() == (1, 0, 0, 0)
    assert agent_counts() == (1, 1, 0)
    fetch(api)
    assert day_counts() == (2, 1, 1, 0)


@pytest.mark.once
def test_a_range_request_is_no_fetch(api: Api, version: Version) -> None:
    assert api.get(TARBALL, range="bytes=0-99").status_code == 206

    assert day_counts() == (0, 0, 0, 0)
    assert not DownloadDay.objects.exists()
    assert agent_counts() == (1, 1, 0)


@pytest.mark.once
def test_head_and_conditional_requests_are_not_counted(api: Api, version: Version) -> None:
    etag = api.head(TARBALL)["ETag"]
    assert api.get(TARBALL, if_none_match=etag).status_code == 304

    assert (day_counts(), agent_counts()) == ((0, 0, 0, 0), (0, 0, 0))
    assert not DownloadSeen.objects.exists()


@pytest.mark.once
def test_a_request_after_a_download_counts_as_signed_in_install(
    api: Api, version: Version, grace: User, key_for: Any
) -> None:
    key = key_for(grace, "read")
    api.client.defaults["REMOTE_ADDR"] = "192.0.2.1"
    api.get(DETAIL, key=key)
    assert day_counts() == (0, 0, 0, 0)

    fetch(api)
    api.get(DETAIL)
    assert day_counts() == (1, 1, 1, 0)
    for _ in range(2):
        api.get(DETAIL, key=key)

    assert day_counts() == (1, 1, 1, 1)
    assert agent_counts() == (1, 1, 1)


def test_addresses_are_not_stored(api: Api, version: Version) -> None:
    fetch(api)
    assert all("192.0.2.1" not in row.key for row in DownloadSeen.objects.all())
    DownloadSeen.objects.update(day=today() - timedelta(days=1))

    assert delete_old_seen_keys() == 2

    assert not DownloadSeen.objects.exists()
    assert day_counts() == (1, 1, 1, 0)


# --- The thread ------------------------------------------------------------------------------


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> DownloadRecorder:
    monkeypatch.setattr("registry.downloads.recorder.PAUSE_PER_EVENT", 0.001)
    monkeypatch.setattr("registry.downloads.recorder.RETRY_PAUSE", 0.001)
    monkeypatch.setattr("registry.downloads.recorder.close_old_connections", lambda: None)
    return DownloadRecorder()


def make_random_event(number: int = 0) -> DownloadEvent:
    return DownloadEvent(uuid4(), uuid4(), EventKind.DOWNLOAD, f"network {number}")


def test_events_are_retried_while_the_database_does_not_answer(
    recorder: DownloadRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    written_events: Counter[DownloadEvent] = Counter()
    results = iter([OperationalError("locked"), OperationalError("locked"), None])

    def write(events: Counter[DownloadEvent]) -> None:
        error = next(results, None)
        if error:
            raise error
        written_events.update(events)

    monkeypatch.setattr("registry.downloads.recorder.write_events", write)
    event = make_random_event()
    recorder.add(event)
    recorder.add(event)

    assert recorder.flush(10)
    assert written_events == {event: 2}


@pytest.mark.once
def test_flush_waits_for_all_events_or_logs_the_loss(
    recorder: DownloadRecorder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(events: Counter[DownloadEvent]) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("registry.downloads.recorder.write_events", refuse)
    recorder.add(make_random_event())

    assert not recorder.flush(0.05)
    assert "were not counted: the process ends" in caplog.text


@pytest.mark.once
def test_pending_events_are_limited(
    recorder: DownloadRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(events: Counter[DownloadEvent]) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("registry.downloads.recorder.write_events", refuse)
    monkeypatch.setattr("registry.downloads.recorder.MAX_PENDING", 5)
    for number in range(50):
        recorder.add(make_random_event(number))

    # A failed batch of at most five events is queued again beside five pending ones.
    assert len(recorder._pending) <= 10
    monkeypatch.setattr("registry.downloads.recorder.write_events", lambda events: None)
    assert recorder.flush(10)


@pytest.mark.once
def test_many_events_are_written_in_one_batch(version: Version) -> None:
    events = Counter(
        {
            make_event(version, EventKind.DOWNLOAD, network=f"{n % 3}", user_id=None): 2
            for n in range(3)
        }
    )
    write_events(events)
    write_events(events)

    assert day_counts() == (12, 3, 3, 0)
    assert agent_counts() == (12, 12, 3)

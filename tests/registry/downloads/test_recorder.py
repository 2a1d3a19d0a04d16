"""What is a download, by version and day, and what only a fetch."""

from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import today
from registry.downloads.bots import is_machine_looking
from registry.downloads.recorder import DownloadCounter, Kind, Visit, visit_of, write_visits
from registry.downloads.recount import differences
from registry.downloads.rolling import forget_seen, roll_windows
from registry.models import Agent, DownloadDay, DownloadSeen, Version
from tests.conftest import Api
from tests.support.factories import make_agent, make_version
from tests.support.uploads import publish

DETAIL = "/v1/agents/ada/planner/versions/1.0.0"
TARBALL = f"{DETAIL}/tarball"
GOOGLE = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


@pytest.fixture
def version(as_ada: Actor) -> Version:
    return publish(as_ada)


def fetch(api: Api, address: str = "192.0.2.1", **options: Any) -> None:
    api.client.defaults["REMOTE_ADDR"] = address
    answer = api.get(TARBALL, **options)
    assert (answer.status_code, bool(b"".join(answer.streaming_content))) == (200, True)  # type: ignore[attr-defined]


def numbers(day: date | None = None) -> tuple[int, int, int, int]:
    """Fetches, downloads, networks, signed-in users of the one version."""
    columns = ("fetches", "downloads", "networks", "signed_in")
    rows = DownloadDay.objects.filter(day=day or today()).values_list(*columns)
    return rows.first() or (0, 0, 0, 0)


def raw_and_window() -> tuple[int, int, int]:
    agent = Agent.objects.get()
    return Version.objects.get().download_count, agent.download_count, agent.downloads_30d


def test_a_network_makes_one_download_a_day(api: Api, version: Version) -> None:
    for _ in range(3):
        fetch(api)
    fetch(api, "192.0.2.2")

    assert numbers() == (4, 2, 2, 0)
    assert raw_and_window() == (4, 4, 2)


def test_the_addresses_of_one_ipv6_connection_are_one_network(api: Api, version: Version) -> None:
    for address in ("2001:db8:1::1", "2001:db8:1:2::9", "2001:db8:2::1"):
        fetch(api, address)

    assert numbers() == (3, 2, 2, 0)


def test_who_is_signed_in_makes_one_wherever_they_are(
    api: Api, version: Version, ada: User, grace: User, key_for: Any
) -> None:
    hers, adas = key_for(grace, "read"), key_for(ada, "read")
    for address in ("192.0.2.1", "192.0.2.2"):
        fetch(api, address, key=hers)
    fetch(api, "192.0.2.2", key=adas)
    fetch(api, "192.0.2.2")

    assert numbers() == (4, 3, 2, 2)


def test_another_version_is_another_download(api: Api, as_ada: Actor, version: Version) -> None:
    publish(as_ada, version="1.1.0")

    fetch(api)
    api.get(TARBALL.replace("1.0.0", "1.1.0"))

    assert sorted(DownloadDay.objects.values_list("downloads", flat=True)) == [1, 1]
    assert Agent.objects.get().downloads_30d == 2


@pytest.mark.parametrize(
    "asked",
    [
        {"user_agent": GOOGLE},
        {"user_agent": "Mozilla/5.0 (compatible; AhrefsBot/7.0)"},
        {"user_agent": "clawstore-check/1"},
    ],
)
def test_a_crawler_or_a_check_fetches_and_downloads_nothing(
    api: Api, version: Version, asked: dict[str, str]
) -> None:
    fetch(api, **asked)

    assert numbers() == (1, 0, 0, 0)
    assert raw_and_window() == (1, 1, 0)
    fetch(api)
    assert numbers() == (2, 1, 1, 0)


def test_a_request_for_a_part_is_no_fetch(api: Api, version: Version) -> None:
    fetch(api, range="bytes=0-99")

    assert numbers() == (0, 0, 0, 0)
    assert not DownloadDay.objects.exists()
    assert raw_and_window() == (1, 1, 0)


def test_a_head_and_what_the_caller_has_already_are_nothing(api: Api, version: Version) -> None:
    etag = api.head(TARBALL)["ETag"]
    assert api.get(TARBALL, if_none_match=etag).status_code == 304

    assert (numbers(), raw_and_window()) == ((0, 0, 0, 0), (0, 0, 0))
    assert not DownloadSeen.objects.exists()


def test_the_request_behind_an_install_says_who_it_was(
    api: Api, version: Version, grace: User, key_for: Any
) -> None:
    key = key_for(grace, "read")
    api.client.defaults["REMOTE_ADDR"] = "192.0.2.1"
    api.get(DETAIL, key=key)
    assert numbers() == (0, 0, 0, 0)

    fetch(api)
    api.get(DETAIL)
    assert numbers() == (1, 1, 1, 0)
    for _ in range(2):
        api.get(DETAIL, key=key)

    assert numbers() == (1, 1, 1, 1)
    assert raw_and_window() == (1, 1, 1)


def test_nobodys_address_is_kept(api: Api, version: Version) -> None:
    fetch(api)
    assert all("192.0.2.1" not in mark.key for mark in DownloadSeen.objects.all())
    DownloadSeen.objects.update(day=today() - timedelta(days=1))

    assert forget_seen() == 2

    assert not DownloadSeen.objects.exists()
    assert numbers() == (1, 1, 1, 0)


@pytest.mark.parametrize(
    ("user_agent", "is_machine"),
    [
        (GOOGLE, True),
        ("GPTBot/1.1", True),
        ("facebookexternalhit/1.1", True),
        ("Baiduspider/2.0", True),
        ("kube-probe/1.29", True),
        ("curl/8.5.0", False),
        ("node", False),
        ("python-httpx/0.27", False),
        ("Mozilla/5.0 (Linux; Android 9; CUBOT_X19)", False),
        ("", False),
        ("x" * 100_000, False),
    ],
)
def test_crawlers_are_those_that_say_so(user_agent: str, is_machine: bool) -> None:
    assert is_machine_looking(user_agent) is is_machine


# --- Windows ---------------------------------------------------------------------------------


def test_a_window_has_thirty_days_and_moves_on(ada: User) -> None:
    agent = make_agent(ada)
    version = make_version(agent)
    for days_ago, downloads in ((0, 1), (29, 10), (30, 100)):
        day = today() - timedelta(days=days_ago)
        DownloadDay.objects.create(version=version, day=day, downloads=downloads)
    other = make_agent(ada, "other", downloads_30d=7)

    wrong = {one.full_id: one.counted for _, found in differences() for one in found}
    assert wrong == {"@ada/coach": 11, "@ada/other": 0}
    assert roll_windows() == 2
    assert list(differences()) == []

    agent.refresh_from_db()
    other.refresh_from_db()
    assert (agent.downloads_30d, other.downloads_30d) == (11, 0)
    assert roll_windows() == 0


# --- The thread ------------------------------------------------------------------------------


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> DownloadCounter:
    monkeypatch.setattr("registry.downloads.recorder.BREATH", 0.001)
    monkeypatch.setattr("registry.downloads.recorder.PAUSE", 0.001)
    monkeypatch.setattr("registry.downloads.recorder.close_old_connections", lambda: None)
    return DownloadCounter()


def visit(number: int = 0) -> Visit:
    return Visit(uuid4(), uuid4(), Kind.DOWNLOAD, f"network {number}")


def test_what_the_database_refuses_for_a_while_is_written_later(
    counter: DownloadCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: Counter[Visit] = Counter()
    answers = iter([OperationalError("locked"), OperationalError("locked"), None])

    def write(visits: Counter[Visit]) -> None:
        error = next(answers, None)
        if error:
            raise error
        written.update(visits)

    monkeypatch.setattr("registry.downloads.recorder.write_visits", write)
    one = visit()
    counter.add(one)
    counter.add(one)

    assert counter.finish(10)
    assert written == {one: 2}


def test_the_end_waits_for_everything_and_tells_when_it_cannot(
    counter: DownloadCounter, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(visits: Counter[Visit]) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("registry.downloads.recorder.write_visits", refuse)
    counter.add(visit())

    assert not counter.finish(0.05)
    assert "were not counted: the process ends" in caplog.text


def test_memory_has_an_end(counter: DownloadCounter, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(visits: Counter[Visit]) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr("registry.downloads.recorder.write_visits", refuse)
    monkeypatch.setattr("registry.downloads.recorder.MOST_WAITING", 5)
    for number in range(50):
        counter.add(visit(number))

    # What was being tried meanwhile, five at most, comes back on top of the five that wait.
    assert len(counter._waiting) <= 10
    monkeypatch.setattr("registry.downloads.recorder.write_visits", lambda visits: None)
    assert counter.finish(10)


def test_many_visits_are_written_together(version: Version) -> None:
    visits = Counter(
        {visit_of(version, Kind.DOWNLOAD, network=f"{n % 3}", user_id=None): 2 for n in range(3)}
    )
    write_visits(visits)
    write_visits(visits)

    assert numbers() == (12, 3, 3, 0)
    assert raw_and_window() == (12, 12, 3)


# --- GET …/downloads -------------------------------------------------------------------------


DAYS = "/v1/agents/ada/planner/downloads"


def test_days_and_versions_through_the_api(
    api: Api, as_ada: Actor, version: Version, grace: User, key_for: Any
) -> None:
    newer = publish(as_ada, version="1.1.0")
    day_before = today() - timedelta(days=1)
    DownloadDay.objects.create(version=version, day=day_before, downloads=5, fetches=6, networks=4)
    old = today() - timedelta(days=30)
    DownloadDay.objects.create(version=newer, day=old, downloads=5, fetches=5)
    fetch(api, key=key_for(grace, "read"))
    api.get(TARBALL.replace("1.0.0", "1.1.0"))

    shown = api.get(DAYS).json()

    changes = shown.pop("changes")
    assert [set(change) for change in changes] == [{"day", "description"}] * len(changes)
    today_ = {"day": today().isoformat(), "fetches": 1, "downloads": 1, "networks": 1}
    assert shown == {
        "from": (today() - timedelta(days=29)).isoformat(),
        "to": today().isoformat(),
        "countedSince": old.isoformat(),
        "downloads": 7,
        "fetches": 8,
        "items": [
            {**today_, "version": "1.1.0", "signedIn": 0},
            {**today_, "version": "1.0.0", "signedIn": 1},
            {
                "day": day_before.isoformat(),
                "version": "1.0.0",
                "downloads": 5,
                "fetches": 6,
                "networks": 4,
                "signedIn": 0,
            },
        ],
    }
    assert api.get(f"{DAYS}?days=31").json()["downloads"] == 12


def test_no_such_span_and_no_such_agent(api: Api, version: Version) -> None:
    for days in ("0", "91", "x", ""):
        answer = api.get(f"{DAYS}?days={days}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_parameter")
    assert api.get(DAYS.replace("planner", "nothing")).status_code == 404
    Agent.objects.update(delisted_at=version.uploaded_at, delisted_reason="Spam")
    assert api.get(DAYS).status_code == 410

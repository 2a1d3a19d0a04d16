"""Rate limits: exact if required, shown in headers, off in development only."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from foundation.accounts.models import User
from foundation.clock import now
from foundation.limits import actions
from foundation.limits.actions import LimitUsage, count_use, delete_finished_windows
from foundation.limits.declarations import Limit, declared_limits
from foundation.limits.errors import RateLimited
from foundation.limits.models import LimitCounter
from registry.models import Version
from tests.support.http import Api
from tests.support.packages import manifest
from tests.support.uploads import PUBLISH, parts

Mint = Callable[..., str]
EXACT = Limit("test", 3, 3600, "user", exact=True)
NOON = 1_795_262_400.0


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the clock of the limits, in seconds after a noon."""

    def set_clock(seconds: float) -> None:
        monkeypatch.setattr(actions, "time", lambda: NOON + seconds)

    set_clock(0)
    return set_clock


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("exact", [True, False])
def test_limit_allows_its_number_of_uses(
    limits_on: None, at: Callable[[float], None], exact: bool
) -> None:
    limit = Limit("test", 3, 60, "user", exact=exact)

    standings = [count_use(limit, "ada") for _ in range(5)]

    assert [usage.used_units for usage in standings] == [1, 2, 3, 4, 5]
    assert [usage.remaining for usage in standings] == [2, 1, 0, 0, 0]
    for usage in standings[:3]:
        usage.require_within_limit()
    with pytest.raises(RateLimited) as refusal:
        standings[3].require_within_limit()
    assert refusal.value.details == {"limit": "test", "retry_after": 60}
    assert count_use(limit, "grace").used_units == 1

    at(59.5)
    assert (count_use(limit, "ada").used_units, count_use(limit, "ada").reset) == (6, 1)
    at(60)
    assert count_use(limit, "ada").used_units == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("exact", [True, False])
def test_counters_are_exact_under_threads(
    limits_on: None, at: Callable[[float], None], exact: bool
) -> None:
    limit = Limit("test", 30, 3600, "user", exact=exact)
    barrier = Barrier(6)
    used_values: list[int] = []

    def take_five() -> None:
        barrier.wait()
        try:
            used_values.extend(count_use(limit, "ada").used_units for _ in range(5))
        finally:
            connection.close()

    threads = [Thread(target=take_five) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(used_values) == list(range(1, 31))


@pytest.mark.usefixtures("db")
def test_exact_limit_counts_all_processes_and_writes_nothing_when_used_up(
    limits_on: None, at: Callable[[float], None], django_assert_num_queries: Any
) -> None:
    assert count_use(EXACT, "ada", cost=2).used_units == 2
    # As in another process.
    actions.reset_process_counts()

    assert count_use(EXACT, "ada").used_units == 3
    assert count_use(EXACT, "ada").remaining == 0
    with django_assert_num_queries(0):
        assert count_use(EXACT, "ada").remaining == 0
    assert count_use(EXACT, "grace").remaining == 2
    at(3600)
    assert count_use(EXACT, "ada").remaining == 2


@pytest.mark.usefixtures("db")
def test_use_that_was_too_large_and_undone_leaves_room_for_a_smaller_one(
    limits_on: None, at: Callable[[float], None]
) -> None:
    count_use(EXACT, "ada")
    with suppress(ZeroDivisionError), transaction.atomic():
        assert count_use(EXACT, "ada", cost=5).used_units == 6
        raise ZeroDivisionError

    assert count_use(EXACT, "ada", cost=2).used_units == 3


def test_finished_windows_are_deleted(db: None) -> None:
    for name, ends_at in (("old", now() - timedelta(seconds=1)), ("new", now() + timedelta(1))):
        LimitCounter.objects.create(key=name, ends_at=ends_at)

    assert delete_finished_windows() == 1
    assert LimitCounter.objects.get().key == "new"


def test_counters_of_many_addresses_are_bounded(
    limits_on: None, at: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "MAX_KEYS", 100)
    limit = Limit("test", 3, 60, "address")

    for number in range(1000):
        count_use(limit, str(number))

    assert len(actions._counts) <= 100


def test_declared_limits_are_those_of_the_contract() -> None:
    assert {
        name: (limit.max_units, limit.seconds, limit.per, limit.exact)
        for name, limit in declared_limits().items()
        if name in {"publish", "report", "review", "read", "write", "auth"}
    } == {
        "publish": (20, 3600, "user", True),
        "report": (10, 3600, "address", True),
        "review": (30, 3600, "user", True),
        "read": (600, 60, "address", False),
        "write": (60, 60, "user", False),
        "auth": (100, 60, "address", False),
    }


# --- At the doors ----------------------------------------------------------------------------


def lower(monkeypatch: pytest.MonkeyPatch, name: str, max_units: int) -> None:
    old = declared_limits()[name]
    monkeypatch.setitem(
        declared_limits(), name, Limit(name, max_units, old.seconds, old.per, old.exact)
    )


def test_every_counted_response_has_limit_headers(
    api: Api, limits_on: None, at: Callable[[float], None]
) -> None:
    at(10)
    for remaining_count in (599, 598):
        answer = api.get("/v1/agents")
        assert answer["RateLimit-Limit"] == "600"
        assert answer["RateLimit-Remaining"] == str(remaining_count)
        assert answer["RateLimit-Reset"] == "50"
    assert api.get("/v1/agents?limit=0")["RateLimit-Remaining"] == "597"
    assert api.head("/v1/agents")["RateLimit-Remaining"] == "596"
    assert "RateLimit-Limit" not in api.get("/v1/health")
    assert "RateLimit-Limit" not in api.get("/v1/agents/a/b/versions/1.0.0/tarball")


def test_refused_request_has_retry_after(
    api: Api, limits_on: None, at: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    lower(monkeypatch, "read", 2)
    at(20)
    for _ in range(2):
        assert api.get("/v1/agents").status_code == 200

    answer = api.get("/v1/agents")

    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "rate_limited")
    assert answer["Retry-After"] == answer["RateLimit-Reset"] == "40"
    assert answer["RateLimit-Remaining"] == "0"
    assert answer.json()["error"]["details"]["retry_after"] == 40
    assert api.client.get("/v1/agents", REMOTE_ADDR="10.9.9.9").status_code == 200
    at(60)
    assert api.get("/v1/agents").status_code == 200


def test_forged_proxy_header_does_not_avoid_a_limit(
    api: Api, limits_on: None, at: Callable[[float], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    lower(monkeypatch, "read", 1)
    assert api.get("/v1/agents", x_forwarded_for="1.1.1.1").status_code == 200

    assert api.get("/v1/agents", x_forwarded_for="2.2.2.2").status_code == 429


def test_publishing_401_comes_before_429_and_429_before_413(
    api: Api,
    ada: User,
    grace: User,
    key_for: Mint,
    limits_on: None,
    at: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lower(monkeypatch, "publish", 1)
    key = key_for(ada, "agents:publish")
    too_large: dict[str, Any] = {"CONTENT_LENGTH": str(10**12)}
    request = {"content_type": "multipart/form-data; boundary=x", "path": PUBLISH, "method": "POST"}

    def send(key: str) -> Any:
        return api.client.generic(
            **request,
            CONTENT_TYPE=request["content_type"],
            headers={"Authorization": key},
            **too_large,
        )

    assert send(f"Bearer {key}").status_code == 413
    assert send(f"Bearer {key}").status_code == 429
    assert send("Bearer claw_dead").status_code == 401
    assert send(f"Bearer {key_for(grace, 'agents:publish')}").status_code == 413
    assert Version.objects.count() == 0


def test_publish_limit_counts_all_keys_of_a_user(
    api: Api, ada: User, key_for: Mint, limits_on: None, at: Callable[[float], None]
) -> None:
    keys = [key_for(ada, "agents:publish") for _ in range(2)]
    codes = [api.upload(PUBLISH, {}, key=keys[n % 2]).status_code for n in range(20)]
    assert codes == [400] * 20

    answer = api.upload(PUBLISH, parts(), key=keys[0])

    assert (answer.status_code, answer["Retry-After"]) == (429, "3600")
    at(3600)
    assert api.upload(PUBLISH, parts(manifest()), key=keys[0]).status_code == 200


def test_limits_can_be_off(api: Api, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lower(monkeypatch, "read", 0)
    settings.LIMITS_ON = False

    answer = api.get("/v1/agents")

    assert answer.status_code == 200
    assert "RateLimit-Limit" not in answer


@pytest.mark.parametrize(
    ("reset", "words"), [(1, "1 s"), (119, "119 s"), (120, "2 minutes"), (2104, "36 minutes")]
)
def test_refusal_says_how_long_to_wait(reset: int, words: str) -> None:
    usage = LimitUsage(EXACT, used_units=4, reset=reset)

    with pytest.raises(RateLimited) as refusal:
        usage.require_within_limit()

    message = f"Rate limit reached: 3 an hour. Try again in {words}."
    assert refusal.value.message == message

"""Reads from a streaming replica of PostgreSQL: freshness, lag and absence."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.e2e.production.conftest import ProductionShop, key_of_ada, publish
from tests.support.servers.postgresql import (
    PostgreSQLServer,
    controlled_postgresql,
    replica_of,
)
from tests.support.servers.redis import missing_for_redis, redis_server
from tests.support.servers.tables import ready_server

pytestmark = pytest.mark.production
AGENT = "/v1/agents/ada/coach"
STRANGER = {"X-Forwarded-For": "198.51.100.7"}


@pytest.fixture(scope="module")
def servers() -> Iterator[tuple[PostgreSQLServer, PostgreSQLServer]]:
    with controlled_postgresql(ready_server()) as primary, replica_of(primary) as replica:
        yield primary, replica


@pytest.fixture(scope="module")
def shop(
    servers: tuple[PostgreSQLServer, PostgreSQLServer],
    built_static: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ProductionShop]:
    if missing_names := missing_for_redis():
        pytest.skip(missing_names)
    primary, replica = servers
    with ExitStack() as stack:
        shop = ProductionShop(
            tmp_path_factory.mktemp("replicas"),
            STATIC_ROOT=str(built_static),
            DATABASE_URL=primary.url,
            DATABASE_REPLICA_URLS=replica.url,
            REDIS_URL=stack.enter_context(redis_server()),
        )
        shop.manage("prepare")
        stack.callback(shop.close)
        shop.open()
        yield shop


def latest(shop: ProductionShop, **headers: str) -> str:
    answer = shop.get(AGENT, headers=headers)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["latestVersion"]["version"])


def eventually(holds: Callable[[], bool], *, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def pause_replay(replica: PostgreSQLServer, *, is_paused: bool) -> None:
    function = "pg_wal_replay_pause" if is_paused else "pg_wal_replay_resume"
    with psycopg.connect(replica.url, autocommit=True) as connection:
        connection.execute(f"SELECT {function}()")


def test_strangers_read_the_replica_and_writers_what_they_wrote(
    shop: ProductionShop, servers: tuple[PostgreSQLServer, PostgreSQLServer]
) -> None:
    _, replica = servers
    key = key_of_ada(shop)
    assert publish(shop, key).status_code in (200, 201)
    eventually(lambda: shop.get(AGENT, headers=STRANGER).status_code == 200)
    # Each web worker looks at the replica once a second, and its first look may come too early.
    for _ in range(15):
        latest(shop, **STRANGER)
        time.sleep(0.2)

    pause_replay(replica, is_paused=True)
    try:
        assert publish(shop, key, version="1.1.0").status_code in (200, 201)
        # From the replica, which does not know of it yet.
        assert "1.0.0" in [latest(shop, **STRANGER) for _ in range(6)]
        assert latest(shop) == "1.1.0"
        assert latest(shop, Authorization=f"Bearer {key}", **STRANGER) == "1.1.0"
        # Too far behind, it is not asked.
        eventually(lambda: {latest(shop, **STRANGER) for _ in range(6)} == {"1.1.0"})
    finally:
        pause_replay(replica, is_paused=False)


def test_replica_that_goes_away_breaks_no_page(
    shop: ProductionShop, servers: tuple[PostgreSQLServer, PostgreSQLServer]
) -> None:
    _, replica = servers
    paths = ("/", "/agents", "/agents/@ada/coach", AGENT, "/v1/agents?q=coach")
    for path in paths:
        assert shop.get(path, headers=STRANGER).status_code == 200

    replica.stop()
    answers: list[httpx.Response] = [
        shop.get(path, headers=STRANGER) for path in paths for _ in range(6)
    ]
    assert {answer.status_code for answer in answers} == {200}
    assert shop.get("/readyz").status_code == 200

    replica.start()
    for path in paths:
        assert shop.get(path, headers=STRANGER).status_code == 200

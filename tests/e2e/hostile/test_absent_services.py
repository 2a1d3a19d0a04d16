"""PostgreSQL or the bucket is away: quick answers that say so, and recovery."""

import threading
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.support.servers.gate import Gate
from tests.support.servers.postgresql import embedded_postgresql
from tests.support.servers.shop import LiveShop, eventually

pytestmark = pytest.mark.live

# The machine of the tests is slow and shared.
SLACK = 1.0


class PostgresqlShop(LiveShop):
    def prepare(self) -> None:
        self.manage("prepare")


@pytest.fixture(scope="module")
def gate() -> Iterator[tuple[Gate, str]]:
    """A gate before a new PostgreSQL server, and the address of its database."""
    with embedded_postgresql() as address:
        parts = urlsplit(address)
        folder = parse_qs(parts.query).get("host", [parts.hostname or ""])[0]
        port = parts.port or 5432
        target = f"{folder}/.s.PGSQL.{port}" if folder.startswith("/") else (folder, port)
        with Gate(target) as gate:
            user = f"{parts.username}{':' + parts.password if parts.password else ''}"
            yield gate, f"postgres://{user}@127.0.0.1:{gate.port}{parts.path}"


@pytest.fixture(scope="module")
def shop(
    gate: tuple[Gate, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[LiveShop, Gate]]:
    folder = tmp_path_factory.mktemp("postgresql")
    with PostgresqlShop(folder, DATABASE_URL=gate[1]) as shop:
        for _ in range(8):
            assert shop.get("/agents").status_code == 200
        yield shop, gate[0]


def timed(shop: LiveShop, path: str) -> tuple[httpx.Response, float]:
    start = time.monotonic()
    answer = shop.get(path)
    return answer, time.monotonic() - start


@pytest.mark.parametrize("state", ["closed", "silent"])
def test_without_the_database_answers_are_quick_and_say_so(
    shop: tuple[LiveShop, Gate], state: str
) -> None:
    live_shop, gate = shop
    gate.set(state)  # type: ignore[arg-type]
    try:
        ready, seconds = timed(live_shop, "/readyz")
        assert (ready.status_code, ready.json()["checks"]["storage"]) == (503, "ok")
        assert ready.json()["checks"]["database"] == "failed"
        assert seconds < 2 + SLACK

        for path in ("/agents", "/v1/agents", "/", "/v1/agents/a/b"):
            answer, seconds = timed(live_shop, path)
            assert answer.status_code == 503, path
            assert int(answer.headers["Retry-After"]) > 0
            assert seconds < 2 + SLACK
            if path.startswith("/v1"):
                assert answer.json()["error"]["code"] == "database_away"
            else:
                assert "does not answer" in answer.text

        for path in ("/healthz", "/static/css/shop.css"):
            answer, seconds = timed(live_shop, path)
            assert answer.status_code == 200, path
            assert seconds < SLACK
    finally:
        gate.set("open")
    eventually(lambda: live_shop.get("/agents").status_code, 200, within=15)
    eventually(lambda: live_shop.get("/readyz").status_code, 200, within=15)


def test_many_requests_without_the_database_do_not_add_up(shop: tuple[LiveShop, Gate]) -> None:
    live_shop, gate = shop
    gate.set("silent")
    try:
        durations: list[float] = []
        threads = [
            threading.Thread(target=lambda: durations.append(timed(live_shop, "/v1/agents")[1]))
            for _ in range(40)
        ]
        for thread in threads:
            thread.start()
        # All threads wait for the database, and the probe needs none of them.
        time.sleep(0.3)
        alive, seconds = timed(live_shop, "/healthz")
        assert (alive.status_code, seconds < SLACK) == (200, True)
        for thread in threads:
            thread.join()
        assert len(durations) == 40
        assert max(durations) < 2 * (2 + SLACK)
    finally:
        gate.set("open")
    eventually(lambda: live_shop.get("/agents").status_code, 200, within=15)


def test_silent_bucket_holds_no_probe_and_no_page(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Gate(("127.0.0.1", 1)) as bucket:
        bucket.set("silent")
        environment = {
            "S3_BUCKET": "packages",
            "S3_ENDPOINT_URL": f"http://127.0.0.1:{bucket.port}",
            "S3_ACCESS_KEY_ID": "id",
            "S3_SECRET_ACCESS_KEY": "secret",
        }
        with LiveShop(tmp_path_factory.mktemp("bucket"), **environment) as live_shop:
            for _ in range(3):
                ready, seconds = timed(live_shop, "/readyz")
                assert ready.status_code == 503
                assert ready.json()["checks"] == {
                    "database": "ok",
                    "migrations": "ok",
                    "storage": "failed",
                }
                assert seconds < 2 + SLACK
            assert live_shop.get("/agents").status_code == 200

"""Faults of the servers that the shop needs, and its recovery after them."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.e2e.production.conftest import ProductionShop, key_of_ada, publish
from tests.support.servers.faulty import FaultyProxy, faulty_proxy
from tests.support.servers.postgresql import PostgreSQLServer, controlled_postgresql
from tests.support.servers.redis import missing_for_redis, redis_server
from tests.support.servers.s3 import missing_for_s3, s3_server
from tests.support.servers.tables import ready_server

pytestmark = [pytest.mark.production, pytest.mark.s3]
PROBE_WITHIN = 2.0
# The machine of the tests is slow and shared.
SLACK = 1.5
# A pause after a failure, in which nothing is asked, and the next attempt.
RECOVERS_WITHIN = 15
PAGES = ("/", "/agents", "/agents?q=coach", "/agents/@ada/coach", "/v1/agents?q=coach")
TARBALL = "/v1/agents/ada/coach/versions/1.0.0/tarball"


@dataclass
class Surroundings:
    """A shop and the servers that it needs, each of which can fail."""

    shop: ProductionShop
    key: str
    database: PostgreSQLServer
    bucket: FaultyProxy
    cache: FaultyProxy


@pytest.fixture(scope="module")
def surroundings(
    tmp_path_factory: pytest.TempPathFactory, built_static: Path
) -> Iterator[Surroundings]:
    if missing_names := missing_for_redis() or missing_for_s3():
        pytest.skip(missing_names)
    with ExitStack() as stack, ThreadPoolExecutor(1) as pool:
        storage = s3_server()
        starting = pool.submit(storage.__enter__)
        database = stack.enter_context(controlled_postgresql(ready_server()))
        redis_url = urlsplit(stack.enter_context(redis_server()))
        cache = stack.enter_context(faulty_proxy(("127.0.0.1", redis_url.port or 0)))
        folder = tmp_path_factory.mktemp("faults")
        values = {"DATABASE_URL": database.url, "REDIS_URL": f"redis://127.0.0.1:{cache.port}/0"}
        ProductionShop(folder, **values).manage("prepare")
        server = starting.result()
        stack.push(storage.__exit__)
        bucket = stack.enter_context(
            faulty_proxy(("127.0.0.1", urlsplit(server.endpoint_url).port or 0))
        )
        values |= server.new_bucket().environment
        values["S3_ENDPOINT_URL"] = f"http://127.0.0.1:{bucket.port}"
        shop = ProductionShop(folder, STATIC_ROOT=str(built_static), **values)
        stack.callback(shop.close)
        shop.open()
        key = key_of_ada(shop)
        assert publish(shop, key).status_code in (200, 201)
        yield Surroundings(shop, key, database, bucket, cache)


@pytest.fixture
def shop(surroundings: Surroundings) -> Iterator[ProductionShop]:
    """The shop before a fault, and proof that it recovers after it without a restart."""
    shop = surroundings.shop
    visit_all(shop)
    processes = [process.pid for process in shop.processes]
    yield shop
    surroundings.database.thaw()
    surroundings.bucket.work()
    surroundings.cache.work()
    deadline = time.monotonic() + RECOVERS_WITHIN
    while not is_whole(shop):
        assert time.monotonic() < deadline, shop.log.read_text()[-4000:]
        time.sleep(0.3)
    assert [process.pid for process in shop.processes if process.poll() is None] == processes


def visit_all(shop: ProductionShop) -> None:
    for path in PAGES:
        assert shop.get(path).status_code == 200, path


def is_whole(shop: ProductionShop) -> bool:
    checks = set(probe(shop).json()["checks"].values())
    # Several times, because each process pauses by itself after a failure.
    return checks == {"ok"} and all(
        shop.get(path).status_code == 200 for path in (*PAGES, TARBALL) * 2
    )


def timed(ask: Callable[[], httpx.Response]) -> tuple[httpx.Response, float]:
    start = time.monotonic()
    return ask(), time.monotonic() - start


def probe(shop: ProductionShop, slack: float = SLACK) -> httpx.Response:
    """The readiness, which is told in time whatever happens. The liveness stays good."""
    alive, seconds = timed(lambda: shop.get("/healthz"))
    assert (alive.status_code, seconds < PROBE_WITHIN) == (200, True)
    answer, seconds = timed(lambda: shop.get("/readyz"))
    assert seconds < PROBE_WITHIN + slack, seconds
    return answer


def assert_refused_or_stale(page: httpx.Response) -> None:
    """A page that its process has cached stays for some minutes, and says so."""
    if page.status_code == 200:
        assert page.headers["Cache-Control"] == "no-store"
        assert 0 <= int(page.headers["Age"]) < 300
        assert "may be out of date" in page.text or page.headers["Content-Type"][:9] != "text/html"
    else:
        assert page.status_code == 503
        assert int(page.headers["Retry-After"]) > 0
        if page.headers["Content-Type"].startswith("application/json"):
            assert page.json()["error"]["code"] == "database_away"
        else:
            assert "does not answer" in page.text


ANSWER_HOLDS = 0.6
"""An answer of /readyz is given again for half a second."""


def failed_checks(shop: ProductionShop, slack: float = SLACK) -> list[str]:
    # Else the answer may be the one from before the fault.
    time.sleep(ANSWER_HOLDS)
    checks = probe(shop, slack).json()["checks"]
    return [name for name, outcome in checks.items() if outcome != "ok"]


def wait_for_failed_checks(shop: ProductionShop, expected_names: list[str]) -> None:
    """Wait until these checks fail and no other.

    On a busy machine a server that works answers a single probe too late.
    """
    deadline = time.monotonic() + RECOVERS_WITHIN
    while (names := failed_checks(shop)) != expected_names:
        assert time.monotonic() < deadline, names


@pytest.mark.parametrize("fault", ["be_silent", "refuse"])
def test_pages_stay_without_the_bucket(
    shop: ProductionShop, surroundings: Surroundings, fault: str
):
    getattr(surroundings.bucket, fault)()

    wait_for_failed_checks(shop, ["storage"])
    assert probe(shop).status_code == 503
    for path in PAGES:
        page, seconds = timed(lambda path=path: shop.get(path))
        assert (page.status_code, seconds < 2) == (200, True), path
    download, seconds = timed(lambda: shop.get(TARBALL))
    assert (download.status_code, seconds < 12) == (503, True), download.text
    assert download.json()["error"]["code"] == "storage_away"
    assert int(download.headers["Retry-After"]) > 0
    if fault == "refuse":  # A silent bucket takes twice the time-out of the library.
        upload = publish(shop, surroundings.key, version="2.0.0")
        assert upload.status_code == 503, upload.text
    assert shop.get("/v1/agents/ada/coach").json()["latestVersion"]["version"] == "1.0.0"


@pytest.mark.parametrize("fault", ["be_silent", "refuse"])
def test_everything_stays_without_redis(
    shop: ProductionShop, surroundings: Surroundings, fault: str
):
    getattr(surroundings.cache, fault)()

    # Without it the shop is slower, not unready: the probe names it all the same.
    wait_for_failed_checks(shop, ["cache"])
    assert probe(shop).status_code == 200
    for path in (*PAGES, *PAGES):
        page, seconds = timed(lambda path=path: shop.get(path))
        assert (page.status_code, seconds < 4) == (200, True), path
    assert shop.get(TARBALL).status_code == 200
    number = {"be_silent": "1.1.0", "refuse": "1.2.0"}[fault]
    upload = publish(shop, surroundings.key, version=number)
    assert upload.status_code in (200, 201), upload.text


@pytest.mark.parametrize("fault", ["freeze", "stop"])
def test_database_away_is_told_at_once(
    shop: ProductionShop, surroundings: Surroundings, fault: str
):
    getattr(surroundings.database, fault)()
    try:
        for _ in range(2):
            assert "database" in failed_checks(shop)
        for path in PAGES:
            page, seconds = timed(lambda path=path: shop.get(path))
            assert seconds < 4, path
            assert_refused_or_stale(page)
        assert shop.get("/static/css/shop.css").status_code == 200
        with ThreadPoolExecutor(16) as pool:
            crowd = [pool.submit(timed, lambda: shop.get("/agents")) for _ in range(32)]
            # All threads wait for the database, and the probe for none of them. The machine of the
            # tests is busy with the crowd, too.
            assert "database" in failed_checks(shop, slack=4 * SLACK)
            for answer in crowd:
                assert_refused_or_stale(answer.result()[0])
    finally:
        if fault == "stop":
            surroundings.database.start()


def test_worker_goes_on_after_the_database_was_away(surroundings: Surroundings):
    """The worker of the tests above is still the first one, and works."""
    status, _ = surroundings.shop.run_job()

    assert status == "succeeded"
    assert all(process.poll() is None for process in surroundings.shop.processes)

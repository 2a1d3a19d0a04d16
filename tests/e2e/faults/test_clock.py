"""The clock of the machine jumps by an hour, forwards and backwards."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.support.servers.commands import ROOT
from tests.support.servers.jumping_clock import JumpingClock
from tests.support.servers.lifetime import end_with_parent
from tests.support.servers.shop import LiveShop, eventually
from tests.support.servers.visitor import Visitor

pytestmark = pytest.mark.live
HOUR = 3600
ENQUEUE = """
from foundation.clock import now
from foundation.jobs.actions import enqueue
print(enqueue("jobs.delete_finished", {}).pk.hex, now().isoformat())
"""


@pytest.fixture(scope="module")
def clock(tmp_path_factory: pytest.TempPathFactory) -> JumpingClock:
    return JumpingClock(tmp_path_factory.mktemp("clock"))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, clock: JumpingClock) -> Iterator[LiveShop]:
    with LiveShop(tmp_path_factory.mktemp("shop"), **clock.environment) as shop:
        yield shop


@pytest.fixture(scope="module")
def worker(shop: LiveShop) -> Iterator[subprocess.Popen[bytes]]:
    worker = subprocess.Popen(
        [sys.executable, "manage.py", "run_worker"],
        cwd=ROOT,
        env=shop.environment,
        preexec_fn=end_with_parent,
    )
    yield worker
    worker.kill()
    worker.wait()


def enqueue_job(shop: LiveShop) -> tuple[str, datetime]:
    """The key of a new job, and the time that the shop's clock shows."""
    job, moment = shop.manage("shell", "--no-imports", "-c", ENQUEUE).split()
    return job, datetime.fromisoformat(moment)


def status(shop: LiveShop, job: str) -> str:
    with closing(sqlite3.connect(shop.data_dir / "clawstore.sqlite3")) as connection:
        query = "SELECT status FROM jobs WHERE id = ?"
        return str(connection.execute(query, [job]).fetchone()[0])


def test_shop_and_worker_go_on_after_the_clock_jumps(
    shop: LiveShop, clock: JumpingClock, worker: subprocess.Popen[bytes]
):
    ada = Visitor(shop.url)
    ada.sign_in("ada")

    for seconds in (HOUR, -HOUR, 0):
        clock.jump(seconds)
        job, moment = enqueue_job(shop)
        error = moment - datetime.now(UTC)
        assert abs(error.total_seconds() - seconds) < 60
        for path in ("/", "/agents", "/readyz", "/v1/agents"):
            assert shop.get(path).status_code == 200, (seconds, path)
        # The session stays, and so does a form that was opened before.
        assert ada.get("/account").status_code == 200
        assert "ada" in ada.get("/").text
        eventually(lambda job=job: status(shop, job), "succeeded", seconds=20)
    assert worker.poll() is None


def test_job_from_a_clock_that_was_ahead_does_not_wait_for_its_hour(
    shop: LiveShop, clock: JumpingClock, worker: subprocess.Popen[bytes]
):
    os.kill(worker.pid, signal.SIGSTOP)
    clock.jump(HOUR)
    job, _ = enqueue_job(shop)
    clock.jump(0)
    os.kill(worker.pid, signal.SIGCONT)

    eventually(lambda: status(shop, job), "succeeded", seconds=30)

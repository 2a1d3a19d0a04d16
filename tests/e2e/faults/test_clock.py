"""The clock of the machine jumps by an hour, forwards and backwards."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.servers.commands import ROOT
from tests.support.servers.jumping_clock import JumpingClock
from tests.support.servers.lifetime import end_with_parent
from tests.support.servers.shop import LiveShop, eventually
from tests.support.servers.visitor import Visitor

pytestmark = pytest.mark.live
HOUR = 3600
ENQUEUE = (
    "from foundation.jobs.actions import enqueue\nprint(enqueue('jobs.delete_finished', {}).pk)"
)
NOW = "from foundation.clock import now; print(now().isoformat())"
STATUS = "from foundation.jobs.models import Job; print(Job.objects.get(pk={!r}).status)"


@pytest.fixture
def clock(tmp_path: Path) -> JumpingClock:
    return JumpingClock(tmp_path)


@pytest.fixture
def shop(tmp_path: Path, clock: JumpingClock) -> Iterator[LiveShop]:
    with LiveShop(tmp_path, **clock.environment) as shop:
        yield shop


@pytest.fixture
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


def run(shop: LiveShop, code: str) -> str:
    return shop.manage("shell", "--no-imports", "-c", code).strip()


def status(shop: LiveShop, job: str) -> str:
    return run(shop, STATUS.format(job))


def test_shop_and_worker_go_on_after_the_clock_jumps(
    shop: LiveShop, clock: JumpingClock, worker: subprocess.Popen[bytes]
):
    ada = Visitor(shop.url)
    ada.sign_in("ada")

    for seconds in (HOUR, -HOUR, 0):
        clock.jump(seconds)
        error = datetime.fromisoformat(run(shop, NOW)) - datetime.now(UTC)
        assert abs(error.total_seconds() - seconds) < 60
        for path in ("/", "/agents", "/readyz", "/v1/agents"):
            assert shop.get(path).status_code == 200, (seconds, path)
        # The session stays, and so does a form that was opened before.
        assert ada.get("/account").status_code == 200
        assert "ada" in ada.get("/").text
        job = run(shop, ENQUEUE)
        eventually(lambda job=job: status(shop, job), "succeeded", within=20)
    assert worker.poll() is None


def test_job_from_a_clock_that_was_ahead_does_not_wait_for_its_hour(
    shop: LiveShop, clock: JumpingClock, worker: subprocess.Popen[bytes]
):
    os.kill(worker.pid, signal.SIGSTOP)
    clock.jump(HOUR)
    job = run(shop, ENQUEUE)
    clock.jump(0)
    os.kill(worker.pid, signal.SIGCONT)

    eventually(lambda: status(shop, job), "succeeded", within=30)

"""A worker that was away for a day finds a long queue."""

import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from tests.support.servers.commands import ROOT
from tests.support.servers.lifetime import end_with_parent
from tests.support.servers.no_tls import NO_TLS
from tests.support.servers.shop import LiveShop, eventually

pytestmark = pytest.mark.live
WAITING = int(os.environ.get("BACKLOG") or 20_000)
SECONDS = 3
FILL = f"""
from datetime import timedelta
from foundation.clock import now
from foundation.jobs.models import Job
day = timedelta(days=1)
Job.objects.bulk_create(
    (
        Job(
            kind="jobs.delete_finished",
            run_at=now() - day * number / {WAITING},
            created_at=now() - day * number / {WAITING},
        )
        for number in range({WAITING})
    ),
    batch_size=1000,
)
"""
COUNT = """
SELECT sum(status = 'succeeded'), count(*), max(attempts) FROM jobs
WHERE kind = 'jobs.delete_finished' AND queue = 'default'
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[LiveShop]:
    with LiveShop(tmp_path) as shop:
        shop.manage("shell", "--no-imports", "-c", FILL)
        yield shop


def worker(shop: LiveShop) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "run_worker"],
        cwd=ROOT,
        env=shop.environment,
        preexec_fn=end_with_parent,
    )


def get_list(shop: LiveShop) -> None:
    assert httpx.get(f"{shop.url}/agents", timeout=10, verify=NO_TLS).status_code == 200


def job_counts(shop: LiveShop) -> tuple[int, int, int]:
    """Jobs of the backlog: that have succeeded, all, and the most attempts of one."""
    with closing(sqlite3.connect(shop.data_dir / "clawstore.sqlite3")) as connection:
        success_count, count, attempts = connection.execute(COUNT).fetchone()
    return success_count, count, attempts


def memory_of(process: subprocess.Popen[bytes]) -> int:
    """The most memory that the process has used, in MiB."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    peak = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert peak
    return int(peak[1]) // 1024


def test_two_workers_catch_up_without_duplicates_and_pages_stay(shop: LiveShop):
    for _ in range(20):
        # The first page of each web process loads templates and models, with or without workers.
        get_list(shop)
    workers = [worker(shop), worker(shop)]
    eventually(lambda: job_counts(shop)[0] > 0, True, seconds=60)
    slowest = 0.0
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        start = time.monotonic()
        get_list(shop)
        slowest = max(slowest, time.monotonic() - start)
        time.sleep(0.05)
    peaks = [memory_of(process) for process in workers]
    for process in workers:
        process.terminate()
        assert process.wait(30) == 0

    success_count, jobs, attempts = job_counts(shop)
    # It depends on the machine; before claims used their index it was fewer than ten a second.
    assert success_count > 10 * SECONDS
    assert jobs == WAITING
    assert attempts == 1
    assert slowest < 3
    assert max(peaks) < 200

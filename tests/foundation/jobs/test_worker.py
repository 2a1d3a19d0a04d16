"""Worker processes: killed at any moment, several at once, stopped politely."""

import ast
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.servers.commands import ROOT
from tests.support.servers.lifetime import end_with_parent
from tests.support.servers.shop import LiveShop

pytestmark = pytest.mark.race

COUNT = 30
VICTIMS = 2


class Workers:
    """Worker processes on one database, and the file in which their jobs write."""

    def __init__(self, shop: LiveShop, file: Path) -> None:
        self.environment = shop.environment | {"DJANGO_SETTINGS_MODULE": "clawstore.settings"}
        self.file = file
        self.processes: list[subprocess.Popen[bytes]] = []

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "tests.foundation.jobs.worker_process", *arguments]

    def call(self, *arguments: str) -> str:
        return subprocess.check_output(
            self.command(*arguments), cwd=ROOT, env=self.environment, text=True
        )

    def start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            self.command("run"), cwd=ROOT, env=self.environment, preexec_fn=end_with_parent
        )
        self.processes.append(process)
        return process

    def counts(self) -> tuple[int, int]:
        """How many attempts have begun, and how many have ended."""
        words = [line.split()[0] for line in self.lines()]
        return words.count("start"), words.count("end")

    def statuses(self) -> dict[str, int]:
        counts: dict[str, int] = ast.literal_eval(self.call("status"))
        return counts

    def lines(self) -> list[str]:
        return self.file.read_text().splitlines() if self.file.exists() else []

    def finished(self) -> set[str]:
        """The numbers of the jobs that wrote their last line."""
        return {line.split()[1] for line in self.lines() if line.startswith("end")}

    def wait_for_lines(self, count: int) -> None:
        deadline = time.monotonic() + 60
        while len(self.lines()) < count:
            assert time.monotonic() < deadline, self.lines()
            time.sleep(0.02)

    def wait_until_finished(self, count: int) -> None:
        deadline = time.monotonic() + 60
        while len(self.finished()) < count:
            assert time.monotonic() < deadline, self.lines()
            time.sleep(0.02)


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[Workers]:
    shop = LiveShop(tmp_path)
    with shop.resources:
        shop.prepare()
        workers = Workers(shop, tmp_path / "lines.txt")
        yield workers
        for process in workers.processes:
            process.kill()
            process.wait()


def test_killed_workers_lose_no_job_and_run_none_at_once(workers: Workers):
    """The last workers are ended by SIGTERM, the first of them in the middle of a job."""
    workers.call("enqueue", str(workers.file), str(COUNT))
    processes = [workers.start() for _ in range(2)]
    rng = random.Random(1)

    for round_number in range(1, VICTIMS + 1):
        workers.wait_for_lines(round_number * 10)
        time.sleep(rng.random() / 10)
        victim = processes.pop(0)
        victim.kill()
        processes.append(workers.start())
    # Lines of the worker that is not just starting.
    workers.wait_for_lines(len(workers.lines()) + 6)
    polite, other = processes
    polite.send_signal(signal.SIGTERM)
    assert polite.wait(20) == 0
    # A process per question is slow, so the file is read until all jobs are done.
    workers.wait_until_finished(COUNT)
    other.send_signal(signal.SIGTERM)
    assert other.wait(20) == 0

    assert workers.statuses() == {"succeeded": COUNT}
    lines = workers.lines()
    assert workers.finished() == {str(number) for number in range(COUNT)}
    # An attempt belongs to one worker, and only a killed worker's job has a second attempt.
    assert len(set(lines)) == len(lines)
    starts, ends = workers.counts()
    assert starts - ends <= VICTIMS

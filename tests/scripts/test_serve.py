"""The supervisor of `make serve`: readiness, and no process left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from django.db import connection

from foundation.accounts.models import User
from scripts.serve import let_go_of_the_database
from tests.support.servers.commands import ROOT, environment_of
from tests.support.servers.no_tls import NO_TLS
from tests.support.servers.shop import eventually, free_port
from tests.support.servers.tables import copy_tables

pytestmark = pytest.mark.once


class Supervisor:
    def __init__(self, folder: Path, **environment: str) -> None:
        self.port = free_port()
        self.process = subprocess.Popen(
            [sys.executable, "scripts/serve.py"],
            cwd=ROOT,
            env=environment_of(folder, PORT=str(self.port), DEMO="off", **environment),
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def wait_until_open(self) -> None:
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert line == f"Clawstore is open at http://127.0.0.1:{self.port} — Ctrl-C closes it\n"
        assert httpx.get(
            f"http://127.0.0.1:{self.port}/v1/health", timeout=10, verify=NO_TLS
        ).json()["ok"]

    def descendants(self) -> list[int]:
        """All processes that it started, directly or not."""
        processes, parents = [], [self.process.pid]
        while parents:
            pid = parents.pop()
            listing = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True)
            children = [int(child) for child in listing.stdout.split()]
            processes += children
            parents += children
        return processes

    def wait_for_all_processes(self) -> list[int]:
        """Gunicorn, its two workers and the background worker.

        The application is open when the first worker of gunicorn answers.
        """
        deadline = time.monotonic() + 40
        while len(process_ids := self.descendants()) < 4 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(process_ids) == 4
        return process_ids

    def finish(self) -> int:
        return self.process.wait(40)


def alive(pids: list[int]) -> list[int]:
    """Processes that still run after a while; zombies count as ended."""
    deadline = time.monotonic() + 40
    while (remaining_pids := [pid for pid in pids if runs(pid)]) and time.monotonic() < deadline:
        time.sleep(0.1)
    return remaining_pids


def runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@contextmanager
def opened(folder: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(folder)
    supervisor.wait_until_open()
    yield supervisor
    supervisor.process.kill()
    supervisor.process.wait()


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    """The start of a shop that ran before."""
    copy_tables(tmp_path / "clawstore.sqlite3")
    with opened(tmp_path) as supervisor:
        yield supervisor


def signal_repeatedly(supervisor: Supervisor, number: int, pause: float) -> None:
    """A terminal signals the group, and `make` forwards the signal once more."""
    for again in (number, signal.SIGTERM, number):
        with suppress(ProcessLookupError):
            os.killpg(supervisor.process.pid, again)
        time.sleep(pause)


def test_ctrl_c_ends_all_processes_of_a_new_shop(tmp_path: Path) -> None:
    """Also while a request arrives that never ends."""
    with opened(tmp_path) as supervisor:
        process_ids = supervisor.wait_for_all_processes()
        with socket.create_connection(("127.0.0.1", supervisor.port)) as client:
            client.sendall(b"POST /v1/agents/publish HTTP/1.1\r\nHost: 127.0.0.1\r\n")
            client.sendall(b"Content-Length: 9000\r\nContent-Type: text/plain\r\n\r\nhalf")
            time.sleep(0.2)
            start = time.monotonic()

            signal_repeatedly(supervisor, signal.SIGINT, 0.002)

            assert supervisor.finish() == 0
        assert alive(process_ids) == []
        assert time.monotonic() - start < 10
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", supervisor.port)) != 0


def test_signal_during_the_preparation_ends_it(tmp_path: Path) -> None:
    supervisor = Supervisor(tmp_path)
    eventually(lambda: (tmp_path / "clawstore.sqlite3").exists(), True)
    process_ids = supervisor.descendants()

    os.killpg(supervisor.process.pid, signal.SIGTERM)

    assert supervisor.process.wait(10) == -signal.SIGTERM
    assert alive(process_ids) == []


@pytest.mark.parametrize("process", ["the web server", "the background worker"])
def test_end_of_a_process_ends_the_other(supervisor: Supervisor, process: str) -> None:
    process_ids = supervisor.wait_for_all_processes()
    children = sorted(pid for pid in process_ids if os.getpgid(pid) == pid)

    os.kill(children[0 if process == "the web server" else 1], signal.SIGKILL)

    assert supervisor.finish() == 1
    assert alive(process_ids) == []


def test_killed_supervisor_leaves_no_process(supervisor: Supervisor) -> None:
    process_ids = supervisor.wait_for_all_processes()

    supervisor.process.kill()

    assert alive(process_ids) == []


@pytest.mark.django_db(transaction=True)
def test_forked_worker_inherits_no_connection() -> None:
    """On PostgreSQL a pool keeps connections open behind those that were closed."""
    assert User.objects.count() == 0

    let_go_of_the_database()

    assert getattr(connection, "_connection_pools", {}) == {}
    assert User.objects.count() == 0


def test_taken_port_is_reported_and_nothing_starts(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        probe.listen()
        port = probe.getsockname()[1]
        result = subprocess.run(
            [sys.executable, "scripts/serve.py"],
            cwd=ROOT,
            env=os.environ | {"PORT": str(port), "DATA_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
        )

    assert result.returncode == 1
    assert result.stderr == f"Port {port} is taken. Choose another: make serve PORT={port + 1}\n"
    assert list(tmp_path.iterdir()) == []

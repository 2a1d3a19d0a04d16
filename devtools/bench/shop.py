"""A server for the measurements, with its own synthetic catalogue."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[2]
AGENTS_WITH_TARBALLS = 200
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
START_TIMEOUT = 60
STOP_TIMEOUT = 60


class BenchShop:
    """A running server: ``with BenchShop(folder, agents=10000) as shop``.

    The methods import the project only when they run, because its settings are read from the
    environment that the constructor sets. ``in_bulk``: many agents in a minute, of which nothing
    but lists and searches work.
    """

    def __init__(self, folder: Path, *, agents: int, in_bulk: bool = False) -> None:
        self.folder, self.agents, self.in_bulk = folder, agents, in_bulk
        self.port = _free_port()
        os.environ |= {
            "CLAWSTORE_MODE": "development",
            "DATA_DIR": str(folder / "data"),
            "PORT": str(self.port),
            "LIMITS": "off",
            "DEMO": "off",
            "DJANGO_SETTINGS_MODULE": "clawstore.settings",
        }
        os.environ.pop("ACCESS_LOG", None)

    def __enter__(self) -> Self:
        self._load_catalogue()
        self.server = _start_server(self.port)
        return self

    def __exit__(self, *_: object) -> None:
        _stop_server(self.server)

    @contextmanager
    def with_limits(self) -> Iterator[tuple[int, list[int]]]:
        """Run a second server with the limits of production: its port and worker pids."""
        port = _free_port()
        server = _start_server(port, LIMITS="on")
        try:
            yield port, _child_pids(server)
        finally:
            _stop_server(server)

    def worker_pids(self) -> list[int]:
        return _child_pids(self.server)

    def cpu_seconds(self) -> float:
        """Processor seconds that the workers have used. Linux only."""
        return read_cpu_seconds(self.worker_pids())

    def list_agents(self, limit: int) -> list[tuple[str, str, str]]:
        """Scope, name and latest version of listed agents."""
        from registry.models import Agent

        columns = ("scope", "name", "latest_version__version")
        rows = Agent.objects.listed().order_by("pk").values_list(*columns)[:limit]
        return [(str(scope), str(name), str(version)) for scope, name, version in rows]

    def list_agents_with_tarballs(self) -> list[tuple[str, str, str]]:
        # The first agents of the catalogue have packages. Some are not listed, so take half.
        return self.list_agents(AGENTS_WITH_TARBALLS // 2)

    def list_agents_with_upgrades(self, limit: int) -> list[tuple[str, str]]:
        """Scope and name of agents with more than one version."""
        from django.db.models import Count

        from registry.models import Agent

        agents = Agent.objects.listed().annotate(n=Count("versions")).filter(n__gt=1)
        rows = agents.order_by("pk").values_list("scope", "name")[:limit]
        return [(str(scope), str(name)) for scope, name in rows]

    def make_writers(self, count: int, *, prefix: str) -> list[tuple[str, str]]:
        """Make users that may publish and review: login and API key of each."""
        from foundation.access.actions import create_key
        from foundation.actor import Actor
        from profiles.actions import make_development_user

        system, scopes = Actor(door="command"), ("agents:publish", "reviews:write")
        writers = []
        for number in range(count):
            user = make_development_user(f"{prefix}-{number}", by=system)
            key = create_key(user, name="bench", scopes=scopes, by=system)[1]
            writers.append((user.username, key))
        self.close_database()
        return writers

    def make_database(self) -> None:
        """Make an empty database, without a server."""
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", "--verbosity=0")

    def _load_catalogue(self) -> None:
        import django
        from django.core.management import call_command

        django.setup()
        catalogue = str(self.folder / "catalogue")
        counts = ("--agents", str(self.agents), "--files", str(AGENTS_WITH_TARBALLS))
        loading = [("make_catalogue", catalogue, *counts), ("import_catalogue", catalogue)]
        if self.in_bulk:
            loading = [("fill_database", *counts[:2])]
        for name, *arguments in [("migrate", "--verbosity=0"), *loading]:
            begin = time.perf_counter()
            with open(os.devnull, "w") as devnull:
                call_command(name, *arguments, stdout=devnull, stderr=devnull)
            print(f"{name}: {time.perf_counter() - begin:.1f} s", flush=True)
        self.close_database()

    def close_database(self) -> None:
        # An open connection of this process could lock the file of the server.
        from django.db import connections

        connections.close_all()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _start_server(port: int, **environment: str) -> subprocess.Popen[bytes]:
    """Start gunicorn and wait until it responds."""
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "clawstore.wsgi"],
        cwd=ROOT,
        process_group=0,
        env=os.environ | {"PORT": str(port)} | environment,
    )
    deadline = time.monotonic() + START_TIMEOUT
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/health", timeout=5)
        except OSError:
            time.sleep(0.1)
        else:
            return server
    raise SystemExit("The server did not start.")


def _stop_server(server: subprocess.Popen[bytes]) -> None:
    os.killpg(server.pid, signal.SIGTERM)
    server.wait(STOP_TIMEOUT)


def _child_pids(server: subprocess.Popen[bytes]) -> list[int]:
    """The worker processes of the server. Linux only."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
    return [int(pid) for pid in children.read_text().split()]


def read_cpu_seconds(pids: list[int]) -> float:
    """Processor seconds that these processes have used, in user and kernel mode."""
    stats = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids)
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / CLOCK_TICKS

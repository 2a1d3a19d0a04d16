"""A shop of its own for the measurements: a synthetic catalogue behind a real server."""

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
WITH_FILES = 200
READY_WITHIN = 60


class Shop:
    """``with Shop(folder, agents=10000) as shop``: filled and open on a port of its own."""

    def __init__(self, folder: Path, *, agents: int) -> None:
        self.folder, self.agents = folder, agents
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
        self._fill()
        self.server = _serve(self.port)
        return self

    def __exit__(self, *_: object) -> None:
        _stop(self.server)

    @contextmanager
    def with_limits(self) -> Iterator[tuple[int, list[int]]]:
        """A second server of the same shop, with limits as in production: its port and workers."""
        port = _free_port()
        server = _serve(port, LIMITS="on")
        try:
            yield port, _children(server)
        finally:
            _stop(server)

    def _fill(self) -> None:
        # Only now: settings are read from the environment that was just made.
        import django
        from django.core.management import call_command

        django.setup()
        catalogue = str(self.folder / "catalogue")
        wanted = ("--agents", str(self.agents), "--files", str(WITH_FILES))
        for name, *arguments in (
            ("migrate", "--verbosity=0"),
            ("make_catalogue", catalogue, *wanted),
            ("import_catalogue", catalogue),
        ):
            begin = time.perf_counter()
            with open(os.devnull, "w") as nothing:
                call_command(name, *arguments, stdout=nothing, stderr=nothing)
            print(f"{name}: {time.perf_counter() - begin:.1f} s", flush=True)
        self._close_database()

    def _close_database(self) -> None:
        from django.db import connections

        connections.close_all()

    def worker_pids(self) -> list[int]:
        return _children(self.server)

    def some_agents(self, at_most: int) -> list[tuple[str, str, str]]:
        """Scope, name and latest version of listed agents."""
        from registry.models import Agent

        columns = ("scope", "name", "latest_version__version")
        found = Agent.objects.listed().order_by("pk").values_list(*columns)[:at_most]
        return [(str(scope), str(name), str(version)) for scope, name, version in found]

    def some_tarballs(self) -> list[tuple[str, str, str]]:
        """The same of agents whose packages have real bytes: the first ones have."""
        return self.some_agents(WITH_FILES // 2)

    def some_with_steps(self, at_most: int) -> list[tuple[str, str]]:
        """Scope and name of agents that have more than one version."""
        from django.db.models import Count

        from registry.models import Agent

        found = Agent.objects.listed().annotate(n=Count("versions")).filter(n__gt=1).order_by("pk")
        return [(str(s), str(n)) for s, n in found.values_list("scope", "name")[:at_most]]

    def make_writers(self, count: int, *, called: str) -> list[tuple[str, str]]:
        """So many publishing and reviewing users: login and key of each."""
        from foundation.access.actions import create_key
        from foundation.actor import Actor
        from profiles.actions import make_development_user

        system, scopes = Actor(door="command"), ("agents:publish", "reviews:write")
        writers = []
        for number in range(count):
            user = make_development_user(f"{called}-{number}", by=system)
            key = create_key(user, name="bench", scopes=scopes, by=system)[1]
            writers.append((user.username, key))
        self._close_database()
        return writers


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _serve(port: int, **environment: str) -> subprocess.Popen[bytes]:
    """A web server that answers already."""
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "clawstore.wsgi"],
        cwd=ROOT,
        process_group=0,
        env=os.environ | {"PORT": str(port)} | environment,
    )
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/health", timeout=5)
        except OSError:
            time.sleep(0.1)
        else:
            return server
    raise SystemExit("The server did not start.")


def _stop(server: subprocess.Popen[bytes]) -> None:
    os.killpg(server.pid, signal.SIGTERM)
    server.wait(60)


def _children(server: subprocess.Popen[bytes]) -> list[int]:
    """The pids of its workers. Linux only."""
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
    return [int(pid) for pid in children.read_text().split()]

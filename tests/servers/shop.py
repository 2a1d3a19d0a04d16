"""The shop as a process, for what only a real server shows: clients, browsers, races, kill -9."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import psycopg

from tests.servers.lifetime import end_with_parent

ROOT = Path(__file__).resolve().parents[2]
# Whatever the tests' own settings or the person's shell say, a live shop starts from nothing.
NOT_INHERITED = {
    "DATABASE_URL",
    "DJANGO_SETTINGS_MODULE",
    "SECRET_KEY",
    "ADDRESS_SALT",
    "PYTEST_CURRENT_TEST",
}
TABLES = "clawstore.sqlite3"
TEMPLATE = "shop_template"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class LiveShop:
    """``with LiveShop(folder) as shop``: prepared and open. ``LIMITS="on"`` and the like set its
    environment."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.database = ""
        self.environment = {k: v for k, v in os.environ.items() if k not in NOT_INHERITED} | {
            "CLAWSTORE_MODE": "development",
            "DATA_DIR": str(data_dir),
            "PORT": str(self.port),
            "DEMO": "off",
            "LIMITS": "off",
            **environment,
        }
        self.server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.prepare()
        self.start()
        return self

    def prepare(self) -> None:
        """Its tables are a copy: to make them by migrations takes five seconds, so one process of
        a run does it for all."""
        if os.environ.get("TEST_DATABASE_URL"):
            self._copy_database()
        else:
            self._copy_file()
        self.manage("prepare")

    def _copy_file(self) -> None:
        ready = Path(os.environ["CLAWSTORE_TESTS_ROOT"], TABLES)
        with _one_at_a_time():
            if not ready.is_file():
                self.manage("migrate", "--verbosity=0")
                shutil.copyfile(self.data_dir / TABLES, ready)
        shutil.copyfile(ready, self.data_dir / TABLES)

    def _copy_database(self) -> None:
        """A database of its own beside that of the tests."""
        with _one_at_a_time():
            if not _is_there(TEMPLATE):
                _run_sql(f"CREATE DATABASE {TEMPLATE}")
                self.environment["DATABASE_URL"] = _address_of(TEMPLATE)
                self.manage("migrate", "--verbosity=0")
            self.database = f"shop_{uuid.uuid4().hex[:12]}"
            _run_sql(f"CREATE DATABASE {self.database} TEMPLATE {TEMPLATE}")
        self.environment["DATABASE_URL"] = _address_of(self.database)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        if self.database:
            _run_sql(f"DROP DATABASE {self.database} WITH (FORCE)")

    def manage(self, *arguments: str, stdin: str = "") -> str:
        """Run ``manage.py`` on this shop's data; gives its standard output."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def key(self, login: str, *scopes: str) -> str:
        """An API key of a user who is made where there is none."""
        options = [part for scope in scopes for part in ("--scope", scope)]
        return self.manage("create_key", login, *options, "--create").strip()

    def start(self) -> None:
        self.server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "clawstore.wsgi"],
            cwd=ROOT,
            env=self.environment,
            process_group=0,
            preexec_fn=end_with_parent,
        )
        deadline = time.monotonic() + 120
        while not self._answers():
            assert self.server.poll() is None, "gunicorn ended by itself"
            assert time.monotonic() < deadline, "gunicorn did not answer within 2 minutes"
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/v1/health", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """As a person would: gunicorn finishes what it is at."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9, the workers too, at once: whatever they were doing stops where it was."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        if self.server is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.server.pid, number)
        self.server.wait(40)
        self.server = None

    def get(self, path: str, **options: Any) -> httpx.Response:
        return httpx.get(self.url + path, **{"timeout": 30, **options})

    def post(self, path: str, **options: Any) -> httpx.Response:
        return httpx.post(self.url + path, **{"timeout": 30, **options})


def eventually(question: Callable[[], Any], answer: Any, *, within: float = 10) -> None:
    """For what is written just behind an answer: ask until it is so."""
    deadline = time.monotonic() + within
    while (found := question()) != answer and time.monotonic() < deadline:
        time.sleep(0.02)
    assert found == answer


@contextmanager
def postgresql_database() -> Iterator[str]:
    """The address of an empty database on the server of the tests."""
    name = f"empty_{uuid.uuid4().hex[:12]}"
    _run_sql(f"CREATE DATABASE {name}")
    try:
        yield _address_of(name)
    finally:
        _run_sql(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Among all processes of a run."""
    with Path(os.environ["CLAWSTORE_TESTS_ROOT"], "shops.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _address_of(database: str) -> str:
    address, _, parameters = os.environ["TEST_DATABASE_URL"].partition("?")
    return f"{address.rpartition('/')[0]}/{database}" + (f"?{parameters}" if parameters else "")


def _is_there(database: str) -> bool:
    asked = "SELECT 1 FROM pg_database WHERE datname = %s"
    with psycopg.connect(os.environ["TEST_DATABASE_URL"]) as connection:
        return connection.execute(asked, [database]).fetchone() is not None


def _run_sql(statement: str) -> None:
    with psycopg.connect(os.environ["TEST_DATABASE_URL"], autocommit=True) as connection:
        connection.execute(statement)

"""The shop as a real server process, for clients, browsers, races and crashes."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.support.servers.commands import ROOT, environment_of, manage
from tests.support.servers.lifetime import end_with_parent
from tests.support.servers.no_tls import NO_TLS
from tests.support.servers.tables import copy_tables, postgresql_database, word_list_folder
from tests.support.servers.visitor import Visitor


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class LiveShop:
    """``with LiveShop(folder) as shop``: a prepared, running server.

    Keyword arguments such as ``LIMITS="on"`` set its environment.
    """

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        defaults = {"PORT": str(self.port), "DEMO": "off", "LIMITS": "off"}
        self.environment = environment_of(data_dir, **defaults | environment)
        self.resources = ExitStack()
        self.server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.prepare()
        word_lists = self.data_dir / "word-lists"
        if not word_lists.exists():
            word_lists.symlink_to(word_list_folder(), target_is_directory=True)
        self.start()
        return self

    def prepare(self) -> None:
        """Copy the prepared database."""
        if os.environ.get("TEST_DATABASE_URL"):
            self.environment["DATABASE_URL"] = self.resources.enter_context(postgresql_database())
        else:
            copy_tables(self.data_dir / "clawstore.sqlite3")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        self.resources.close()

    def manage(self, *arguments: str, stdin: str = "") -> str:
        """Run ``manage.py`` on this shop's data; return its standard output."""
        return manage(self.environment, *arguments, stdin=stdin)

    def key(self, login: str, *scopes: str) -> str:
        """An API key of a user, who is created if missing.

        It comes from the account page, which is quicker than a command.
        """
        visitor = Visitor(self.url)
        visitor.sign_in(login)
        form = visitor.get("/account/keys/new")
        fields = {"name": "test", "scopes": scopes, "lifetime": "never"}
        page = visitor.submit(form, to="/account/keys/new", **fields)
        key = re.search(r"claw_[\w-]+", page.text)
        assert key, page.text
        return key[0]

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
            return httpx.get(f"{self.url}/v1/health", timeout=5, verify=NO_TLS).status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        """Stop gracefully: gunicorn finishes running requests."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the server and its workers at once (SIGKILL)."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        if self.server is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.server.pid, number)
        self.server.wait(40)
        self.server = None

    def get(self, path: str, **options: Any) -> httpx.Response:
        return httpx.get(self.url + path, **{"timeout": 30, "verify": NO_TLS, **options})

    def post(self, path: str, **options: Any) -> httpx.Response:
        return httpx.post(self.url + path, **{"timeout": 30, "verify": NO_TLS, **options})


def eventually(question: Callable[[], Any], answer: Any, *, seconds: float = 10) -> None:
    """Assert that a value becomes true soon, for writes that follow a response."""
    deadline = time.monotonic() + seconds
    while (value := question()) != answer and time.monotonic() < deadline:
        time.sleep(0.02)
    assert value == answer

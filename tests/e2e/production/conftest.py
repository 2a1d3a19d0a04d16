"""The shop with production settings, as plain processes.

Two web workers and the background worker, with a real PostgreSQL and a real Redis.
"""

import io
import json
import os
import secrets
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.servers.commands import ROOT
from tests.support.servers.documented import (
    DocumentedInstance,
    commands_without_containers,
    filled_example,
    good_values,
    marked_variables,
)
from tests.support.servers.lifetime import end_with_parent
from tests.support.servers.no_tls import NO_TLS
from tests.support.servers.postgresql import embedded_postgresql
from tests.support.servers.redis import missing_for_redis, redis_server
from tests.support.servers.shop import free_port
from tests.support.servers.tables import ready_server

HOST = "shop.example"
# The same for all processes of a shop.
SECRET_KEY, ADDRESS_SALT = secrets.token_urlsafe(64), secrets.token_urlsafe(64)
METRICS_TOKEN = "only-prometheus-knows"
# Headers that the proxy in front of the shop sets.
PROXY = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.9"}

MANIFEST = {
    "schemaVersion": 1,
    "id": "@ada/coach",
    "version": "1.0.0",
    "name": "Coach",
    "tagline": "Coaches people",
    "description": "Coaches people who want to be coached.",
    "category": "other",
    "tags": [],
    "author": {"name": "Ada"},
    "license": "MIT",
    "agent": {"defaults": {"model": "any"}},
    "files": ["**/*.md"],
    "openclaw": {"entrypoints": {}},
}


def packed(files: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return raw.getvalue()


def environment_of(data_dir: Path, **variables: str) -> dict[str, str]:
    """Variables of production; of this process only the path to programs."""
    return {
        "PATH": os.environ["PATH"],
        "CLAWSTORE_MODE": "production",
        "DATA_DIR": str(data_dir),
        "SECRET_KEY": SECRET_KEY,
        "ADDRESS_SALT": ADDRESS_SALT,
        "BASE_URL": f"https://{HOST}",
        "ALLOWED_HOSTS": HOST,
        "CONTACT_EMAIL": f"desk@{HOST}",
        "EMAIL_URL": "dummymail://",
        "TRUSTED_PROXIES": "1",
        "GITHUB_CLIENT_ID": "id",
        "GITHUB_CLIENT_SECRET": "secret",
        "METRICS_TOKEN": METRICS_TOKEN,
        "PORT": str(free_port()),
        **variables,
    }


class ProductionShop:
    """The processes of a shop, and requests that come through a proxy."""

    def __init__(self, data_dir: Path, **environment: str) -> None:
        self.data_dir = data_dir
        self.environment = environment_of(data_dir, **environment)
        self.url = f"http://127.0.0.1:{self.environment['PORT']}"
        self.log = data_dir / "log"
        self.processes: list[subprocess.Popen[bytes]] = []

    def manage(self, *arguments: str) -> str:
        result = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def run_job(self) -> tuple[str, float]:
        """Leave a job to the worker; return its last status and the seconds until then."""
        status, seconds = self.manage(
            "shell",
            "--no-imports",
            "-c",
            "import time\n"
            "from foundation.jobs.actions import enqueue\n"
            "job = enqueue('jobs.delete_finished', {})\n"
            "began = time.monotonic()\n"
            "while job.status in ('queued', 'running') and time.monotonic() < began + 20:\n"
            "    time.sleep(0.05)\n"
            "    job.refresh_from_db()\n"
            "print(job.status, time.monotonic() - began)",
        ).split()
        return status, float(seconds)

    def start(self, *command: str) -> None:
        with self.log.open("ab") as log:
            self.processes.append(
                subprocess.Popen(
                    [sys.executable, *command],
                    cwd=ROOT,
                    env=self.environment,
                    stdout=log,
                    stderr=log,
                    process_group=0,
                    preexec_fn=end_with_parent,
                )
            )

    def open(self) -> None:
        self.start("manage.py", "run_worker")
        self.open_web()

    def open_web(self) -> None:
        self.start("-m", "gunicorn", "-c", "gunicorn.conf.py", "clawstore.wsgi")
        deadline = time.monotonic() + 60
        while not self._is_ready():
            assert all(p.poll() is None for p in self.processes), self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.2)

    def _is_ready(self) -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/readyz", timeout=10, verify=NO_TLS).status_code == 200
        return False

    def close(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(40)

    def get(self, path: str, **options: Any) -> httpx.Response:
        headers = PROXY | options.pop("headers", {})
        return httpx.get(self.url + path, headers=headers, timeout=30, verify=NO_TLS, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        headers = PROXY | options.pop("headers", {})
        return httpx.post(self.url + path, headers=headers, timeout=30, verify=NO_TLS, **options)


@pytest.fixture(scope="session")
def documented_instance(tmp_path_factory: pytest.TempPathFactory) -> DocumentedInstance:
    """An instance set up by the commands of docs/OPERATING.md, not yet started."""
    instance = DocumentedInstance.copied(tmp_path_factory.mktemp("release"))
    values = good_values(instance.data_dir)
    assert set(values) == set(marked_variables())
    (instance.folder / ".env").write_text(filled_example(values))
    result = instance.run("\n".join(commands_without_containers()[:-2]))
    assert result.returncode == 0, result.stdout + result.stderr
    return instance


@pytest.fixture(scope="session")
def built_static(documented_instance: DocumentedInstance) -> Path:
    """Collected static files."""
    return documented_instance.data_dir / "static"


@pytest.fixture(scope="session")
def production(
    tmp_path_factory: pytest.TempPathFactory, built_static: Path
) -> Iterator[ProductionShop]:
    if missing_names := missing_for_redis():
        pytest.skip(missing_names)
    with ExitStack() as stack:
        database = stack.enter_context(embedded_postgresql(ready_server()))
        shop = ProductionShop(
            tmp_path_factory.mktemp("production"),
            STATIC_ROOT=str(built_static),
            DATABASE_URL=database,
            REDIS_URL=stack.enter_context(redis_server()),
        )
        shop.manage("prepare")
        stack.callback(shop.close)
        shop.open()
        yield shop


@pytest.fixture(scope="session")
def key(production: ProductionShop) -> str:
    return key_of_ada(production)


def key_of_ada(shop: ProductionShop) -> str:
    """A key of a user as after a sign-in with GitHub, which is not available here."""
    return shop.manage(
        "shell",
        "--no-imports",
        "-c",
        "from foundation.access.actions import create_key\n"
        "from foundation.actor import Actor\n"
        "from profiles.actions import open_account\n"
        "from profiles.identity import Identity\n"
        "by = Actor(door='system')\n"
        "ada = open_account(Identity(login='ada', github_id=1), by=by)\n"
        "print(create_key(ada, name='test', scopes=('agents:publish',), by=by)[1])",
    ).strip()


def publish(shop: ProductionShop, key: str, **changes: str) -> httpx.Response:
    """Publish a small package, by default @ada/coach 1.0.0."""
    manifest = json.dumps(MANIFEST | changes).encode()
    package = packed({"agent.json": manifest, "README.md": b"# Coach\n\nCoaches people.\n"})
    return shop.post(
        "/v1/agents/publish",
        headers={"Authorization": f"Bearer {key}"},
        data={"metadata": manifest.decode()},
        files={"tarball": ("coach.tgz", package)},
    )

"""A source on loopback: the shop itself as a process."""

import json
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from foundation.actor import Actor
from registry.mirroring.actions import MirrorResult, run_mirror
from tests.support.packages import manifest, tarball
from tests.support.servers.shop import LiveShop
from tests.support.uploads import PUBLISH

OPERATOR = Actor(door="command")


class SourceShop(LiveShop):
    """The shop as a source, with what its people do there."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir, WEB_WORKERS="1")
        self.keys: dict[str, str] = {}

    def headers(self, login: str) -> dict[str, str]:
        if login not in self.keys:
            self.keys[login] = self.key(login, "agents:publish", "agents:yank")
        return {"Authorization": f"Bearer {self.keys[login]}"}

    def publish(self, full_id: str, version: str, **changes: Any) -> None:
        document = manifest(id=full_id, version=version, **changes)
        login = full_id.removeprefix("@").partition("/")[0]
        answer = self.post(
            PUBLISH,
            data={"metadata": json.dumps(document)},
            files={"tarball": ("package.tgz", tarball({}, document), "application/gzip")},
            headers=self.headers(login),
        )
        assert answer.status_code == 200, answer.text

    def act(self, login: str, path: str, body: Any = None) -> None:
        answer = self.post(f"/v1/agents/{path}", json=body or {}, headers=self.headers(login))
        assert answer.status_code < 300, answer.text

    def decide(self, *decisions: str) -> None:
        """Run actions with ``agent(full_id)``, ``by(login)`` and the maintainer ``root``."""
        lines = [
            "from registry.agents.actions import *; from registry.mirrors.actions import *",
            "from registry.agents.queries import find_agent_by_any_id as agent",
            "from registry.transfers.actions import *",
            "from clawstore.roles import grant_role; from foundation.accounts.models import User",
            "by = lambda n: Actor(user=User.objects.get(username=n), door='system')",
            "root = by('root')",
            *decisions,
            "append_missing_events()",
        ]
        self.manage("shell", "-c", "\n".join(lines))


@pytest.fixture(scope="package")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SourceShop]:
    with SourceShop(tmp_path_factory.mktemp("source")) as shop:
        for login in ("ada", "grace", "root"):
            shop.headers(login)
        shop.decide(
            "grant_role(User.objects.get(username='root'), 'maintainer', by=Actor(door='system'))"
        )
        yield shop


@pytest.fixture(autouse=True)
def allow_loopback(settings: Any) -> None:
    settings.MIRROR_ALLOW_PRIVATE = [ip_network("127.0.0.0/8")]


@pytest.fixture
def mirror(db: None, source: SourceShop, storage_folder: Path) -> Callable[..., MirrorResult]:
    """Mirrors the source as it is now: ``mirror("@ada")`` first, then ``mirror()``."""
    return lambda *scopes, **options: run_mirror(source.url, scopes=scopes, by=OPERATOR, **options)

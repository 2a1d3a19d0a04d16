"""Ada at her terminal, signed in once for all tests of a process."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.client.npm import Done, NpmClient
from tests.support.servers.shop import LiveShop
from tests.support.servers.visitor import Visitor


@pytest.fixture(scope="session")
def ada_at_the_browser(live_shop: LiveShop) -> Visitor:
    visitor = Visitor(live_shop.url)
    visitor.sign_in("ada")
    return visitor


@pytest.fixture
def stranger(live_shop: LiveShop, tmp_path: Path) -> NpmClient:
    """A client without a login."""
    return NpmClient(tmp_path, live_shop)


@pytest.fixture(scope="session")
def client(
    live_shop: LiveShop, ada_at_the_browser: Visitor, tmp_path_factory: pytest.TempPathFactory
) -> NpmClient:
    """Ada's client, approved in the browser."""
    client = NpmClient(tmp_path_factory.mktemp("home"), live_shop)
    result = client.login(lambda url: ada_at_the_browser.decide_device(url, "approve"))
    assert result.code == 0, result.out
    return client


class Workspace:
    """A package folder as the client's own ``init`` makes it."""

    def __init__(self, client: NpmClient, name: str) -> None:
        self.client, self.name, self.id = client, name, f"@ada/{name}"
        self.folder = client.home / name
        self.folder.mkdir()
        command = client.run(
            "init", "--id", self.id, "--name", f"The {name}", "--tagline", "Keeps a diary",
            "--category", "productivity", "--description", "Writes down **what was done**.",
            "--author", "Ada", "--license", "MIT", "--model", "some/model", cwd=self.folder,
        )  # fmt: skip
        assert command == Done(0, f"Created {self.folder}/agent.json\n")

    @property
    def api_path(self) -> str:
        return f"/v1/agents/ada/{self.name}"

    @property
    def installed_folder(self) -> Path:
        return self.client.home / f".openclaw/workspace-{self.name}"

    def change(self, **values: Any) -> None:
        path = self.folder / "agent.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    def publish(self, version: str = "") -> Done:
        if version:
            self.change(version=version)
        return self.client.run("publish", cwd=self.folder)


@pytest.fixture
def workspace(client: NpmClient, request: pytest.FixtureRequest) -> Workspace:
    """A workspace named after the test: ``test_publish_again`` → ``publish-again``."""
    name = request.node.name.removeprefix("test_").replace("_", "-")
    return Workspace(client, name)

"""A shop mirrors a scope of another one, and the client installs from it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.client.npm import NpmClient
from tests.support.packages import manifest, tarball
from tests.support.servers.shop import LiveShop
from tests.support.uploads import PUBLISH

pytestmark = pytest.mark.client
LOOPBACK = {"MIRROR_ALLOW_PRIVATE": "127.0.0.0/8", "WEB_WORKERS": "1"}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    with LiveShop(tmp_path_factory.mktemp("source"), WEB_WORKERS="1") as shop:
        yield shop


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    with LiveShop(tmp_path_factory.mktemp("copy"), **LOOPBACK) as shop:
        yield shop


def publish(shop: LiveShop, key: str, full_id: str, version: str, **changes: Any) -> None:
    import json

    document = manifest(id=full_id, version=version, **changes)
    answer = shop.post(
        PUBLISH,
        data={"metadata": json.dumps(document)},
        files={"tarball": ("package.tgz", tarball({}, document), "application/gzip")},
        headers={"Authorization": f"Bearer {key}"},
    )
    assert answer.status_code == 200, answer.text


def test_client_installs_from_the_mirror(source: LiveShop, copy: LiveShop, tmp_path: Path) -> None:
    key = source.key("ada", "agents:publish", "agents:yank")
    publish(source, key, "@ada/planner", "1.0.0")
    publish(source, key, "@ada/planner", "1.1.0")
    print(copy.manage("mirror", source.url, "--scope", "@ada"))
    here = copy.get("/v1/agents/ada/planner").json()
    original = source.get("/v1/agents/ada/planner").json()
    assert here["latestVersion"]["tarballSha256"] == original["latestVersion"]["tarballSha256"]
    client = NpmClient(tmp_path, copy)
    installation = client.run("install", "@ada/planner")
    assert (installation.code, "SHA-256 verified" in installation.out) == (0, True)

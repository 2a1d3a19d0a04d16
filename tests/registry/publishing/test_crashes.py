"""After kill -9 in a publish, the version is complete or absent."""

import hashlib
import json
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.registry.publishing.crashing_publish import POINTS, full_id
from tests.support.packages import manifest, tarball
from tests.support.servers.commands import ROOT
from tests.support.servers.shop import LiveShop
from tests.support.uploads import PUBLISH

pytestmark = pytest.mark.race


def send(shop: LiveShop, key: str, document: dict[str, Any], data: bytes) -> httpx.Response:
    return shop.post(
        PUBLISH,
        data={"metadata": json.dumps(document)},
        files={"tarball": ("package.tgz", data, "application/gzip")},
        headers={"Authorization": f"Bearer {key}"},
    )


def exists_complete(shop: LiveShop, document: dict[str, Any], data: bytes) -> bool:
    """Returns whether the version exists. If it does, it must be complete."""
    agent = f"/v1/agents/{document['id'].removeprefix('@')}"
    version = f"{agent}/versions/{document['version']}"
    detail = shop.get(version)
    if detail.status_code == 404:
        assert shop.get(f"{version}/tarball").status_code == 404
        return False
    assert detail.json()["manifest"] == document
    assert detail.json()["tarballSha256"] == hashlib.sha256(data).hexdigest()
    assert shop.get(f"{version}/tarball").content == data
    assert shop.get(agent).json()["latestVersion"]["version"] == document["version"]
    return True


def check_stored_digests(shop: LiveShop) -> None:
    """Checks that each stored file has the digest in its name."""
    for path in Path(shop.data_dir, "files", "tarballs").rglob("*.tgz"):
        digest = path.name.removesuffix(".tgz").rpartition(".")[2]
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest


def test_publish_killed_at_any_point_can_be_repeated(live_shop: LiveShop) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "tests.registry.publishing.crashing_publish"],
        cwd=ROOT,
        env=live_shop.environment | {"DJANGO_SETTINGS_MODULE": "clawstore.settings"},
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr
    key = process.stdout.strip()

    for point in POINTS:
        document = manifest(id=full_id(point))
        data = tarball(None, document)
        assert not exists_complete(live_shop, document, data), point
        agent = live_shop.get(f"/v1/agents/{document['id'][1:]}")
        assert agent.json()["error"]["code"] == "agent_not_found", point

        answer = send(live_shop, key, document, data)

        assert answer.status_code == 200, (point, answer.text)
        assert exists_complete(live_shop, document, data), point
    check_stored_digests(live_shop)


@pytest.mark.once
def test_shop_killed_during_a_publish_keeps_complete_versions(live_shop: LiveShop) -> None:
    shop = live_shop
    key = shop.key("killed", "agents:publish")
    document = manifest(id="@killed/often")
    data = tarball({"big.md": "word " * 200_000}, document)
    sender = threading.Thread(target=_send_ignoring_errors, args=(shop, key, document, data))
    sender.start()
    time.sleep(0.2)
    shop.kill()
    sender.join()
    shop.start()
    if not exists_complete(shop, document, data):
        assert send(shop, key, document, data).status_code == 200
    assert exists_complete(shop, document, data)
    second_result = send(shop, key, document, data)
    assert second_result.json()["error"]["code"] == "version_not_monotonic"

    rows = shop.get("/v1/agents/killed/often/versions").json()["items"]
    assert [row["version"] for row in rows] == [document["version"]]
    check_stored_digests(shop)


def _send_ignoring_errors(shop: LiveShop, key: str, document: dict[str, Any], data: bytes) -> None:
    with suppress(httpx.TransportError):
        send(shop, key, document, data)

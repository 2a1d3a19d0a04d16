"""A closed shop mirrors a scope of a public one, and the client installs from it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.client.npm import NpmClient
from tests.e2e.client.test_closed_shop import install_address
from tests.support.packages import manifest, tarball
from tests.support.servers.oidc import CLIENT_ID, CLIENT_SECRET, OidcServer, oidc_server
from tests.support.servers.shop import LiveShop
from tests.support.servers.visitor import Visitor
from tests.support.uploads import PUBLISH

pytestmark = pytest.mark.client
PERSON = {"sub": "248289761001", "preferred_username": "emil", "name": "Emil"}


@pytest.fixture(scope="module")
def public_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    with LiveShop(tmp_path_factory.mktemp("public"), WEB_WORKERS="1") as shop:
        yield shop


@pytest.fixture(scope="module")
def oidc() -> Iterator[OidcServer]:
    with oidc_server() as server:
        server.person = PERSON
        yield server


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory, oidc: OidcServer) -> Iterator[LiveShop]:
    environment = {
        "MIRROR_ALLOW_PRIVATE": "127.0.0.0/8",
        "SIGN_IN_TO_READ": "on",
        "OIDC_SERVER_URL": oidc.url,
        "OIDC_CLIENT_ID": CLIENT_ID,
        "OIDC_CLIENT_SECRET": CLIENT_SECRET,
        "WEB_WORKERS": "1",
    }
    with LiveShop(tmp_path_factory.mktemp("company"), **environment) as shop:
        yield shop


def publish(shop: LiveShop, key: str, full_id: str, version: str, **changes: Any) -> None:
    document = manifest(id=full_id, version=version, **changes)
    answer = shop.post(
        PUBLISH,
        data={"metadata": json.dumps(document)},
        files={"tarball": ("package.tgz", tarball({}, document), "application/gzip")},
        headers={"Authorization": f"Bearer {key}"},
    )
    assert answer.status_code == 200, answer.text


def test_walk_of_a_company(public_shop: LiveShop, company: LiveShop, tmp_path: Path) -> None:
    key = public_shop.key("ada", "agents:publish", "agents:yank")
    publish(public_shop, key, "@ada/planner", "1.0.0")
    publish(public_shop, key, "@ada/planner", "1.1.0")
    assert "2 versions published" in company.manage("mirror", public_shop.url, "--scope", "@ada")

    emil = Visitor(company.url)
    page = emil.submit(emil.get("/signin"), to="/accounts/oidc/login/")
    assert page.url.host == "127.0.0.1"
    assert emil.get("/account").status_code == 200
    page = emil.get("/agents/@ada/planner")
    assert f"Published at {public_shop.url}" in page.text
    client = NpmClient(tmp_path, company)
    client.environment["CLAWSTORE_API_URL"] = install_address(emil)
    login = client.login(lambda url: emil.decide_device(url, "approve"))
    assert login.code == 0, login.out
    for target in ("@ada/planner@1.0.0", "@ada/planner"):
        installation = client.run("install", target)
        assert (installation.code, "SHA-256 verified" in installation.out) == (0, True)

    publish(public_shop, key, "@ada/planner", "1.2.0")
    yank = "/v1/agents/ada/planner/versions/1.1.0/yank"
    public_shop.post(yank, json={}, headers={"Authorization": f"Bearer {key}"})
    # No worker runs at the public shop, which adds events to its feed.
    public_shop.manage(
        "shell",
        "-c",
        "from registry.mirrors.actions import append_missing_events as a; a()",
    )
    company.manage("mirror", public_shop.url)
    update = client.run("update", "@ada/planner")
    assert "1.1.0 → 1.2.0" in update.out, update.out
    assert "SHA-256 verified" in update.out

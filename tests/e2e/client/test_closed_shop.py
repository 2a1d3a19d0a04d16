"""The unmodified client at a closed instance, with an install address."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.client.conftest import Workspace
from tests.e2e.client.npm import NpmClient
from tests.support.servers.shop import LiveShop
from tests.support.servers.visitor import Visitor

pytestmark = pytest.mark.client


@pytest.fixture(scope="module")
def closed_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveShop]:
    with LiveShop(tmp_path_factory.mktemp("closed"), SIGN_IN_TO_READ="on", WEB_WORKERS="1") as shop:
        yield shop


def install_address(visitor: Visitor) -> str:
    """The base address that the site shows a user for the CLI."""
    form = visitor.get("/account/keys/new?for=install")
    fields = {"name": "laptop", "scopes": ["packages:install"], "lifetime": "90"}
    page = visitor.submit(form, to="/account/keys/new", **fields)
    address = re.search(r"CLAWSTORE_API_URL=(\S+/in/claw_[\w-]+/v1)", page.text)
    assert address, page.text
    return address[1]


def test_client_signs_in_publishes_searches_and_installs(
    closed_shop: LiveShop, tmp_path: Path
) -> None:
    ada = Visitor(closed_shop.url)
    ada.sign_in("ada")
    client = NpmClient(tmp_path, closed_shop)
    client.environment["CLAWSTORE_API_URL"] = install_address(ada)
    assert client.run("search", "diary").code != 0

    login = client.login(lambda url: ada.decide_device(url, "approve"))
    assert login.code == 0, login.out
    workspace = Workspace(client, "keeper")
    assert workspace.publish().code == 0
    results = client.run("search", "keeper")
    assert "@ada/keeper" in results.out, results.out
    for target in ("@ada/keeper", "@ada/keeper@0.1.0"):
        installation = client.run("install", target)
        assert installation.code == 0, installation.out
    record = json.loads((client.home / ".clawstore/installs/keeper.json").read_text())
    assert record["version"] == "0.1.0"
    assert workspace.installed_folder.is_dir()
    update = client.run("update")
    assert update.code == 0, update.out


def test_revoked_address_installs_nothing(closed_shop: LiveShop, tmp_path: Path) -> None:
    grace = Visitor(closed_shop.url)
    grace.sign_in("grace")
    client = NpmClient(tmp_path, closed_shop)
    client.environment["CLAWSTORE_API_URL"] = install_address(grace)
    client.login(lambda url: grace.decide_device(url, "approve"))
    form = grace.get("/account/keys")
    address = re.findall(r'action="(/account/keys/[0-9a-f-]+/revoke)"', form.text)
    for path in address:
        grace.submit(form, to=path)

    assert client.run("install", "@ada/keeper").code == 1

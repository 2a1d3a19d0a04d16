"""The unmodified client goes on under the former id of an agent that moved."""

import json
from typing import Any

import pytest

from tests.e2e.client.conftest import Workspace
from tests.e2e.client.npm import NpmClient
from tests.support.servers.shop import LiveShop
from tests.support.servers.visitor import Visitor

pytestmark = pytest.mark.client


def record_of(client: NpmClient, name: str) -> Any:
    return json.loads((client.home / f".clawstore/installs/{name}.json").read_text())


def test_moved_agent(
    workspace: Workspace, client: NpmClient, ada_at_the_browser: Visitor, live_shop: LiveShop
) -> None:
    name = workspace.name
    assert workspace.publish("1.0.0").code == workspace.publish("1.1.0").code == 0
    assert client.run("install", f"{workspace.id}@1.0.0").code == 0
    grace = Visitor(live_shop.url)
    grace.sign_in("grace")
    page = f"/publish/agents/@ada/{name}/transfer"
    fields = {"to": "grace", "confirmation": workspace.id}
    token = ada_at_the_browser.get(page).text.partition('name="csrfmiddlewaretoken" value="')[2]
    fields["csrfmiddlewaretoken"] = token.partition('"')[0]
    # Not by `submit`, for which ``to`` is an address.
    address = live_shop.url + page
    ada_at_the_browser.http.post(address, data=fields, headers={"Referer": address})
    offers = grace.get("/publish/agents").text
    path = offers[offers.index("/publish/transfers/") :].partition('"')[0]
    accepted_page = grace.submit(grace.get(path), to="/accept")
    assert accepted_page.url.path == f"/agents/@grace/{name}"

    assert f"(@grace/{name})" in client.run("info", workspace.id).out
    update = client.run("update", workspace.id)
    assert f"{workspace.id}: 1.0.0 → 1.1.0" in update.out
    assert "SHA-256 verified" in update.out
    record = record_of(client, name)
    assert (record["id"], record["version"]) == (workspace.id, "1.1.0")
    for full_id in (f"{workspace.id}@1.0.0", workspace.id, f"@grace/{name}@1.0.0"):
        install = client.run("install", full_id)
        assert (install.code, "SHA-256 verified" in install.out) == (0, True), install.out
    assert record_of(client, name)["id"] == f"@grace/{name}"
    refusal = workspace.publish("1.2.0")
    assert refusal.code == 1
    assert f"[agent_moved] {workspace.id} is @grace/{name} now" in refusal.out

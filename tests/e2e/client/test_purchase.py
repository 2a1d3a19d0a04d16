"""A person buys an agent in the browser and installs it with the real client."""

import re
import time

import pytest

from tests.e2e.client.conftest import Workspace
from tests.e2e.client.npm import NpmClient
from tests.support.servers.shop import LiveShop
from tests.support.servers.visitor import Visitor

pytestmark = pytest.mark.client


def test_paid_agent(
    live_shop: LiveShop, ada_at_the_browser: Visitor, workspace: Workspace, stranger: NpmClient
) -> None:
    assert workspace.publish().code == 0
    sales = f"/publish/agents/{workspace.id}/sales"
    page = ada_at_the_browser.submit(
        ada_at_the_browser.get(sales), to="/sales", amount="21", policy_name="Personal use"
    )
    assert "21 sat" in page.text
    refusal = stranger.run("install", workspace.id)
    assert "HTTP 402" in refusal.out
    buyer = Visitor(live_shop.url)
    buyer.sign_in("grace")
    buy = f"/agents/{workspace.id}/versions/0.1.0/buy"
    page = buyer.submit(buyer.get(buy), to=buy)
    payment_hash = re.search(r"\b[0-9a-f]{64}\b", page.text)
    assert payment_hash
    live_shop.manage("mock_pay", payment_hash[0])
    # The provider is asked at most every two seconds.
    time.sleep(2)
    address = re.search(r"CLAWSTORE_API_URL=(\S+) npx", buyer.get(str(page.url)).text)
    assert address
    stranger.environment["CLAWSTORE_API_URL"] = address[1]

    result = stranger.run("install", workspace.id)

    assert result.code == 0, result.out
    assert (stranger.home / f".openclaw/workspace-{workspace.name}").is_dir()
    # The address opens this agent alone.
    assert stranger.run("search", "diary").code != 0

"""A publisher sells an agent on pages, and refunds a sale."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from foundation.accounts.models import User
from foundation.actor import Actor
from registry.models import Agent
from registry.transfers.actions import accept_transfer, offer_agent
from registry.transfers.errors import AgentHasOffers
from tests.clawstore.sales.conftest import API, PaidAgent, files
from tests.support.http import client_of, read_stream
from tests.support.uploads import publish_planner
from tests.wordclaw.conftest import ALL_SCOPES, ContentApi
from tests.wordclaw.payments.conftest import make_offer
from wordclaw.payments.models import Entitlement, LicencePolicyVersion, Offer

SALES = "/publish/agents/@ada/planner/sales"


def test_publisher_starts_and_stops_an_offer(
    as_ada: Actor, ada_client: Client, grace: User
) -> None:
    publish_planner("1.0.0", as_ada, files("1.0.0"))
    form = {"version": "", "amount": "300", "days": "30", "reads": "5", "policy_name": "Team"}

    assert client_of(grace).get(SALES).status_code in (403, 404)
    assert ada_client.post(SALES, form).status_code == 302

    offer = Offer.objects.get()
    policy = LicencePolicyVersion.objects.get(policy=offer.policy)
    assert (policy.max_reads, policy.ttl_seconds) == (5, 30 * 86_400)
    assert Client().get(f"{API}/versions/1.0.0/tarball").status_code in (402, 503)
    assert "300 sat" in Client().get("/agents").content.decode()

    response: Any = ada_client.post(f"/studio/@ada/offers/{offer.pk}", {"do": "stop"})
    assert response["Location"] == SALES
    assert Client().get(f"{API}/versions/1.0.0/tarball").status_code == 200


def test_refund_needs_a_reason_and_ends_the_right(paid: PaidAgent, ada_client: Client) -> None:
    paid.buy()
    sale = Entitlement.objects.get()
    page: Any = ada_client.get(SALES)
    assert "bob" in page.content.decode()

    address = f"/studio/@ada/sales/{sale.pk}"
    assert address in page.content.decode()
    assert ada_client.post(address, {"reason": ""}).status_code == 422
    assert ada_client.post(address, {"reason": "Broken."}).status_code == 302

    sale.refresh_from_db()
    assert (sale.status, sale.revocation_reason) == ("revoked", "Broken.")
    tarball = f"{API}/versions/1.1.0/tarball"
    assert paid.api.get(tarball, key=paid.buyer_key).status_code == 402
    page = client_of(paid.buyer).get(f"/account/purchases/{sale.pk}")
    assert "Broken." in page.content.decode()


def test_page_shows_the_balance_while_the_ledger_is_on(
    paid: PaidAgent, ada_client: Client, settings: Any
) -> None:
    page: Any = ada_client.get(SALES)
    assert "Paid out" not in page.content.decode()

    settings.EXPERIMENTAL_REVENUE = True
    paid.buy()

    page = ada_client.get(SALES)
    assert re.search(r"Balance</dt>\s*<dd><strong>21 sat", page.content.decode())


@pytest.mark.usefixtures("mock_provider")
def test_buyer_keeps_an_agent_that_moves(
    paid: PaidAgent, as_ada: Actor, as_grace: Actor, grace: User, key_for: Callable[..., str]
) -> None:
    paid.buy()
    agent = Agent.objects.get(name="planner")
    with pytest.raises(AgentHasOffers):
        offer_agent(agent, to="grace", confirmation="@ada/planner", by=as_ada)
    stop = paid.seller.patch(f"/offers/{paid.offer['id']}", {"active": False})
    assert stop.status_code == 200, stop.content
    transfer = offer_agent(agent, to="grace", confirmation="@ada/planner", by=as_ada)
    accept_transfer(transfer.pk, by=as_grace)
    seller = ContentApi(paid.api, key_for(grace, *ALL_SCOPES), "grace")
    make_offer(seller, "agent", "@grace/planner")
    tarball = "/v1/agents/grace/planner/versions/1.1.0/tarball"

    assert paid.api.get(tarball).status_code == 402
    assert len(read_stream(paid.api.get(tarball, key=paid.buyer_key))) > 0
    former_path = f"{API}/versions/1.1.0/tarball"
    assert paid.api.get(former_path, key=paid.buyer_key)["Location"] == tarball
    # The former seller pays like any other reader.
    assert paid.api.get(tarball, key=key_for(as_ada.user, "read")).status_code == 402
    entitlement = Entitlement.objects.get()
    page = client_of(paid.buyer).get(f"/account/purchases/{entitlement.pk}").content.decode()
    match = re.search(r"CLAWSTORE_API_URL=https?://[^/]+(\S+) npx", page)
    assert match
    cli = Client()
    for scope in ("ada", "grace"):
        detail = cli.get(f"{match[1]}/agents/{scope}/planner", follow=True).json()
        assert detail["latestVersion"]["version"] == "1.1.0"
    response: Any = cli.get(f"{match[1]}/agents/ada/planner/versions/1.1.0/tarball", follow=True)
    assert response.status_code == 200

"""A person buys an agent on pages, and a CLI installs it."""

import re
from typing import Any

import pytest
from django.test import Client

from foundation.accounts.models import User
from tests.clawstore.sales.conftest import AGENT, API, PaidAgent, pay
from tests.support.http import client_of, read_stream
from wordclaw.payments.models import Entitlement, Payment

BUY = f"{AGENT}/versions/1.1.0/buy"


@pytest.fixture(autouse=True)
def lone_provider(mock_provider: None) -> None:
    """Every test of this module sells by the mock provider."""


def order(paid: PaidAgent) -> tuple[Client, str]:
    """Order as a person; return the client and the address of the purchase."""
    client = client_of(paid.buyer)
    response: Any = client.post(BUY, {"offer": paid.offer["id"]})
    assert response.status_code == 302, response.content
    return client, response["Location"]


def text_of(client: Client, path: str) -> str:
    response: Any = client.get(path)
    assert response.status_code == 200
    text: str = response.content.decode()
    return text


def test_person_pays_an_invoice_and_installs(paid: PaidAgent) -> None:
    assert "21 sat" in text_of(Client(), AGENT)
    assert "Sign in to buy" in text_of(Client(), BUY)

    client, purchase = order(paid)
    invoice_page = text_of(client, purchase)
    payment = Entitlement.objects.get().payment
    assert payment.payment_request in invoice_page
    assert 'http-equiv="refresh"' in invoice_page
    assert 'class="invoice-code"' in invoice_page

    pay(payment.payment_hash)
    # The provider is asked every two seconds.
    Payment.objects.update(checked_at=None)
    paid_page = text_of(client, purchase)

    assert 'http-equiv="refresh"' not in paid_page
    match = re.search(r"CLAWSTORE_API_URL=https?://[^/]+(\S+) npx", paid_page)
    assert match
    base, cli = match[1], Client()
    assert cli.get(f"{base}/agents/ada/planner").json()["latestVersion"]["version"] == "1.1.0"
    package = read_stream(cli.get(f"{base}/agents/ada/planner/versions/1.1.0/tarball"))
    detail = cli.get(f"{base}/agents/ada/planner/versions/1.1.0").json()
    assert len(package) == detail["tarballSizeBytes"]
    assert "Active" in text_of(client, "/account/purchases")
    assert client.get(f"{API}/versions/1.1.0/tarball").status_code == 200


@pytest.mark.once
def test_address_of_the_cli_opens_one_agent_only_and_no_changed_token(
    paid: PaidAgent, coach: Any
) -> None:
    client, purchase = order(paid)
    pay(Entitlement.objects.get().payment.payment_hash)
    Payment.objects.update(checked_at=None)
    match = re.search(r"/v1/as/([\w:-]+)", text_of(client, purchase))
    assert match
    base = f"/v1/as/{match[1]}"

    assert Client().get(f"{base}/agents/{coach.scope}/{coach.name}").status_code == 404
    assert Client().get(f"{base}x/agents/ada/planner").status_code == 404
    assert Client().get(f"{base}/whoami").status_code == 404


@pytest.mark.once
def test_purchases_of_others_do_not_exist(paid: PaidAgent, ada_client: Client) -> None:
    _, purchase = order(paid)

    assert ada_client.get(purchase).status_code == 404
    assert Client().get(purchase).status_code == 302


@pytest.mark.once
def test_stopped_offer_is_not_sold(paid: PaidAgent) -> None:
    paid.seller.patch(f"/offers/{paid.offer['id']}", {"active": False})

    response: Any = client_of(paid.buyer).post(BUY, {"offer": paid.offer["id"]})

    assert response.status_code == 409
    assert not Entitlement.objects.exists()


@pytest.mark.once
def test_nothing_is_sold_while_the_publisher_can_receive_nothing(paid: PaidAgent) -> None:
    payment_hash = paid.buy()
    User.objects.filter(username="ada").update(is_active=False)
    reader = client_of(paid.buyer)

    answer = paid.api.get(f"{API}/versions/1.1.0/tarball")
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "seller_unavailable")
    assert "Not sold at present" in text_of(Client(), AGENT)
    assert "Not sold at present" in text_of(Client(), BUY)
    response: Any = reader.post(BUY, {"offer": paid.offer["id"]})
    assert response.status_code == 409
    assert Payment.objects.get().payment_hash == payment_hash
    # Buyers keep what they bought.
    answer = paid.api.get(f"{API}/versions/1.1.0/tarball", key=paid.buyer_key)
    assert answer.status_code == 200

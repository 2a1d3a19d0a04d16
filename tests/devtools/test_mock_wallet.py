"""The wallet of development, and the offers of the demo."""

from typing import Any

import pytest
from django.test import Client

from devtools.demo.catalogue import read_catalogue
from devtools.demo.sales import add_offers
from tests.clawstore.sales.conftest import PaidAgent, sell  # noqa: F401
from tests.support.http import client_of
from wordclaw.payments.models import Entitlement, Offer


@pytest.fixture
def invoice_page(sell: Any, settings: Any) -> tuple[Client, str]:  # noqa: F811
    settings.PAYMENT_PROVIDER = "mock"
    paid: PaidAgent = sell()
    client = client_of(paid.buyer)
    order: Any = client.post("/agents/@ada/planner/versions/1.1.0/buy", {"offer": paid.offer["id"]})
    return client, order["Location"]


def test_a_newcomer_pays_with_one_button(invoice_page: tuple[Client, str]) -> None:
    client, address = invoice_page
    entitlement = Entitlement.objects.select_related("payment").get()
    wallet = f"/mock-wallet/{entitlement.payment.payment_hash}"
    text = client.get(address).content.decode()
    assert "No real money moves" in text
    assert f'action="{wallet}"' in text

    answer: Any = client.post(wallet, {"next": address})
    entitlement.payment.checked_at = None
    entitlement.payment.save()

    assert answer["Location"] == address
    assert "Install it" in client.get(address).content.decode()
    assert client.post(wallet, {"next": "https://example.org"}).status_code == 200
    # A name of a page is an address here, as any other text without a host.
    assert client.post(wallet, {"next": "signout"})["Location"] == "signout"


def test_other_providers_have_no_such_wallet(
    invoice_page: tuple[Client, str], settings: Any
) -> None:
    client, address = invoice_page
    settings.PAYMENT_PROVIDER = "lnbits"
    payment_hash = Entitlement.objects.get().payment.payment_hash

    assert client.post(f"/mock-wallet/{payment_hash}").status_code == 404
    assert "mock-wallet" not in client.get(address).content.decode()


def test_demo_sells_nothing_where_nothing_can_be_sold(db: None, settings: Any) -> None:
    settings.PAYMENT_PROVIDER = "disabled"

    add_offers(read_catalogue()["offers"])

    assert not Offer.objects.exists()

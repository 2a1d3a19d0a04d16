"""A person buys a text: from its public page to the purchases."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from foundation.accounts.models import User
from profiles.actions import make_development_user
from tests.clawstore.sales.conftest import pay
from tests.support.factories import SYSTEM
from tests.support.http import Api, client_of
from tests.wordclaw.payments.conftest import SECRET, Sale, make_offer, make_sale_with, mock_provider
from wordclaw.payments.models import Entitlement, Payment

__all__ = ["mock_provider"]


@pytest.fixture
def sale(api: Api, ada: User, key_for: Callable[..., str]) -> Sale:
    return make_sale_with(api, ada, key_for, maxReads=2)


@pytest.fixture
def reader(sale: Sale) -> Client:
    return client_of(make_development_user("rita", by=SYSTEM))


def page_of(sale: Sale) -> str:
    return f"/texts/@ada/items/{sale.item['id']}"


def order(client: Client, address: str) -> Any:
    """Press *Buy* on a page; return the address of the invoice."""
    page: Any = client.get(address)
    match = re.search(r'name="offer" value="([^"]+)"', page.content.decode())
    assert match
    response: Any = client.post(address, {"offer": match[1]})
    assert response.status_code == 302
    return response["Location"]


def test_person_buys_a_text(sale: Sale, reader: Client) -> None:
    visitor = Client()
    page: Any = visitor.get(page_of(sale))
    assert all(text in page.content.decode() for text in ("One", "21 sat", "Sign in to buy"))
    assert SECRET not in page.content.decode()
    text_address = f"{page_of(sale)}/text"
    assert visitor.get(text_address).status_code == 302
    assert reader.get(text_address)["Location"] == page_of(sale)

    invoice = order(reader, page_of(sale))
    assert "lnbc" in reader.get(invoice).text
    pay(Payment.objects.get().payment_hash)
    # The provider is asked every two seconds.
    Payment.objects.update(checked_at=None)

    receipt = reader.get(invoice).text
    assert all(text in receipt for text in ("Receipt", "One", text_address, "Reads left"))
    assert "One" in reader.get("/account/purchases").text
    # The page of the price uses no read.
    assert SECRET not in reader.get(page_of(sale)).text
    for _ in range(2):
        assert SECRET in reader.get(text_address).text
    assert reader.get(text_address).status_code == 302
    assert Entitlement.objects.get().status == "exhausted"
    assert SECRET not in client_of(make_development_user("stan", by=SYSTEM)).get(page_of(sale)).text


def test_page_of_a_stopped_offer_is_free(sale: Sale, reader: Client) -> None:
    sale.seller.patch(f"/offers/{sale.offer['id']}", {"active": False})

    assert SECRET in Client().get(page_of(sale)).text
    answer: Any = reader.post(page_of(sale), {"offer": sale.offer["id"]})
    assert (answer.status_code, Payment.objects.count()) == (409, 0)


def test_person_buys_all_texts_of_a_type(sale: Sale, reader: Client) -> None:
    make_offer(sale.seller, "content_type", "guide", 99)
    other = sale.seller.make_item("guide", {"title": "Two", "body": SECRET})
    draft = sale.seller.make_item("guide", {"title": "Draft"})
    sale.seller.publish(other)
    page = reader.get("/texts/@ada/guide").text
    assert all(text in page for text in ("99 sat", "One", "Two"))
    assert draft["id"] not in page

    invoice = order(reader, "/texts/@ada/guide")
    pay(Payment.objects.get().payment_hash)

    assert "/texts/@ada/guide" in reader.get(invoice).text
    for item in (sale.item, other):
        assert SECRET in reader.get(f"/texts/@ada/items/{item['id']}/text").text


def test_private_texts_have_no_page(sale: Sale, reader: Client) -> None:
    secret = sale.seller.make_type("memo", schema={"type": "object"})
    memo = sale.seller.make_item("memo", {"title": SECRET})
    sale.seller.publish(memo)

    for address in ("items/" + memo["id"], f"items/{memo['id']}/text", secret["slug"]):
        assert reader.get(f"/texts/@ada/{address}").status_code == 404
        assert reader.get(f"/texts/@bob/{address}").status_code == 404

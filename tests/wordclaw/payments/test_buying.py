"""Buying content: the challenge, its payment, and what the right opens."""

from collections.abc import Callable
from typing import Any

from tests.wordclaw.payments.conftest import SECRET, Sale, pay
from wordclaw.payments.models import Entitlement, Payment


def test_reader_pays_the_invoice_and_reads_with_the_token(sale: Sale):
    challenge = sale.challenge()
    assert challenge["amountSatoshis"] == 21
    assert challenge["reason"] == "initial"

    preimage = pay(challenge["paymentHash"])
    response = sale.read_with(challenge["token"], preimage)

    assert response.status_code == 200
    assert response.json()["data"]["body"] == SECRET
    assert sale.read_with(challenge["token"], preimage, "LSAT").status_code == 200


def test_buyer_confirms_a_purchase_and_reads_with_any_key(sale: Sale):
    challenge = sale.purchase()
    purchases = sale.buyer.get("/v1/entitlements").json()["items"]
    assert [row["status"] for row in purchases] == ["pending_payment"]
    assert purchases[0]["id"] == challenge["entitlementId"]
    assert sale.buyer.get(sale.path).json()["error"]["details"]["reason"] == "pending"

    preimage = pay(challenge["paymentHash"])
    path = f"/v1/payments/{challenge['paymentHash']}/confirm"
    response = sale.buyer.post(path, {"preimage": preimage})

    assert response.status_code == 200
    assert response.json()["entitlement"]["status"] == "active"
    assert sale.buyer.post(path, {"preimage": preimage}).json() == response.json()
    assert sale.buyer.get(sale.path).json()["data"]["body"] == SECRET
    assert sale.visitor.get(sale.path).status_code == 402


def test_members_read_their_own_freely(sale: Sale):
    assert sale.seller.get(sale.path).json()["data"]["body"] == SECRET
    assert not Payment.objects.exists()


def test_list_shows_what_is_free_and_the_price(sale: Sale):
    row = sale.visitor.get("/content-types/guide/items").json()["items"][0]

    assert row["data"] == {"title": "One", "stars": 5}
    assert row["gated"] is True
    assert row["offer"] == {"id": sale.offer["id"], "amountSatoshis": 21}


def test_single_read_is_used_up(make_sale: Callable[..., Sale]):
    sale = make_sale(maxReads=1)
    challenge = sale.challenge()
    preimage = pay(challenge["paymentHash"])

    assert sale.read_with(challenge["token"], preimage).status_code == 200
    response = sale.read_with(challenge["token"], preimage)

    assert response.status_code == 403
    assert response.json()["error"]["code"] == "payment_consumed"
    payment: Any = Payment.objects.get(payment_hash=challenge["paymentHash"])
    assert payment.status == "consumed"
    assert Entitlement.objects.get().terminated_at is not None

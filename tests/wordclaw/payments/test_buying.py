"""Buying content: the challenge, its payment, and what the right opens."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client

from foundation.clock import fixed_time, now
from foundation.l402.macaroons import attenuate, read_macaroon
from tests.wordclaw.conftest import ContentApi
from tests.wordclaw.payments.conftest import (
    GUIDE,
    SECRET,
    Sale,
    make_offer,
    pay,
    read_challenge,
)
from wordclaw.payments.models import Entitlement, Offer, Payment, PaymentToken
from wordclaw.requests.models import IdempotentRequest


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


def test_log_of_decisions_names_who_was_asked_to_pay(sale: Sale):
    sale.buyer.get(sale.path)
    sale.visitor.get(sale.path)

    rows = [
        row
        for row in sale.seller.get("/policy/decisions").json()["items"]
        if row["outcome"] == "challenge"
    ]
    assert [(row["operation"], row["resourceId"]) for row in rows] == [
        ("content.read", sale.item["id"])
    ]


def test_holder_narrows_a_token_and_nothing_widens_it(make_sale: Callable[..., Sale]):
    sale = make_sale()
    other_item = sale.seller.make_item("guide", {"title": "Two", "body": "b"})
    sale.seller.publish(other_item)
    make_offer(sale.seller, "content_type", "guide", 5)
    # The narrowest offer is the one that is asked for.
    challenge = sale.challenge()
    assert challenge["offerId"] == sale.offer["id"]
    preimage, token = pay(challenge["paymentHash"]), read_macaroon(challenge["token"])

    def read(*caveats: str, path: str = sale.path) -> tuple[int, str]:
        narrow_token = token
        for caveat in caveats:
            narrow_token = attenuate(narrow_token, caveat)
        header = f"L402 {narrow_token.as_text()}:{preimage}"
        response = sale.visitor.get(path, Authorization=header)
        error = response.json().get("error", {"code": ""})
        return response.status_code, error["code"]

    other_path = f"/content-items/{other_item['id']}"
    mismatch = (403, "l402_subject_mismatch")
    assert read() == (200, "")
    assert read("expires_at=9999999999", "service=reader", f"subject={token_subject(sale)}") == (
        200,
        "",
    )
    assert read("expires_at=1") == (401, "l402_invalid")
    assert read("expires_at=soon") == (401, "l402_invalid")
    assert read("subject=content_item:none") == mismatch
    assert read("domain=grace") == mismatch
    assert read(path=other_path) == mismatch
    forged_token = type(token)(token.location, token.identifier, (), token.signature)
    header = f"L402 {forged_token.as_text()}:{preimage}"
    assert sale.visitor.get(sale.path, Authorization=header).status_code == 401
    assert sale.visitor.get(sale.path, Authorization="L402 x:y").status_code == 401
    wrong = sale.read_with(challenge["token"], "0" * 64)
    assert (wrong.status_code, wrong.json()["error"]["details"]["reason"]) == (402, "invalid")


def token_subject(sale: Sale) -> str:
    return f"content_item:{sale.item['id']}"


def test_entitlements_are_selected_and_belong_to_their_buyer(sale: Sale, stranger: ContentApi):
    ids = []
    for _ in range(2):
        challenge = sale.purchase()
        path = f"/v1/payments/{challenge['paymentHash']}/confirm"
        preimage = pay(challenge["paymentHash"])
        assert stranger.post(path, {"preimage": preimage}).status_code == 404
        wrong = sale.buyer.post(path, {"preimage": "0" * 64})
        assert (wrong.status_code, wrong.json()["error"]["details"]["reason"]) == (402, "invalid")
        ids.append(sale.buyer.post(path, {"preimage": preimage}).json()["entitlement"]["id"])

    response = sale.buyer.get(sale.path)
    assert response.status_code == 409
    assert sorted(response.json()["error"]["details"]["entitlementIds"]) == sorted(ids)
    assert sale.buyer.get(sale.path, **{"X-Entitlement-Id": ids[0]}).status_code == 200
    answer = stranger.get(sale.path, **{"X-Entitlement-Id": ids[0]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "entitlement_not_found")
    assert stranger.get("/v1/entitlements").json()["items"] == []

    refund = f"/entitlements/{ids[0]}/refund"
    assert sale.seller.post(refund, {"reason": " "}).json()["error"]["code"] == "reason_required"
    assert sale.buyer.post(refund, {"reason": "x"}).status_code == 404
    assert sale.seller.post(refund, {"reason": "Sorry."}).json()["status"] == "revoked"
    assert sale.buyer.get(sale.path).status_code == 200
    assert sale.buyer.get(sale.path, **{"X-Entitlement-Id": ids[0]}).status_code == 402
    assert sale.seller.get("/entitlements").json()["items"][-1]["buyer"] == "bob"


def test_sale_keeps_its_policy_and_a_stopped_offer_is_not_sold(make_sale: Callable[..., Sale]):
    sale = make_sale(maxReads=3)
    challenge = sale.purchase()
    sale.seller.patch(f"/licence-policies/{sale.offer['policyId']}", {"maxReads": 1})
    path = f"/v1/payments/{challenge['paymentHash']}/confirm"
    body = sale.buyer.post(path, {"preimage": pay(challenge["paymentHash"])}).json()
    assert (body["entitlement"]["policyVersion"], body["entitlement"]["remainingReads"]) == (1, 3)
    assert sale.purchase()["policy"]["version"] == 2

    purchase = f"/offers/{sale.offer['id']}/purchase"
    dry_run = sale.buyer.post(purchase + "?mode=dry_run")
    assert (dry_run.status_code, dry_run.json()["dryRun"]) == (200, True)
    again = [sale.buyer.post(purchase, **{"Idempotency-Key": "k"}) for _ in range(2)]
    assert again[0].json() == again[1].json()
    assert again[1]["Idempotent-Replayed"] == "true"
    assert again[0]["WWW-Authenticate"] == again[1]["WWW-Authenticate"]
    count = Payment.objects.count()

    sale.seller.patch(f"/offers/{sale.offer['id']}", {"active": False})

    response = sale.buyer.post(purchase)
    assert (response.status_code, response.json()["error"]["code"]) == (409, "offer_inactive")
    assert sale.visitor.get(sale.path).json()["data"]["body"] == SECRET
    assert Payment.objects.count() == count


def test_refused_token_comes_back_with_the_caveats_of_its_holder(sale: Sale):
    challenge = sale.challenge()
    preimage = pay(challenge["paymentHash"])
    narrow = attenuate(read_macaroon(challenge["token"]), "expires_at=99999999999").as_text()

    answers = [sale.read_with(narrow, "0" * 64)]
    with fixed_time(now() + timedelta(minutes=12)):
        answers.append(sale.read_with(narrow, preimage))

    details = [read_challenge(answer) for answer in answers]
    assert [(part["reason"], part["token"]) for part in details] == [
        ("invalid", narrow),
        ("expired", narrow),
    ]


def test_head_uses_no_read_and_makes_no_invoice(make_sale: Callable[..., Sale]):
    sale = make_sale(maxReads=1)
    path = sale.visitor.base + sale.path
    assert Client().head(path).status_code == 402
    assert not Payment.objects.exists()
    challenge = sale.challenge()
    preimage = pay(challenge["paymentHash"])
    header = {"Authorization": f"L402 {challenge['token']}:{preimage}"}

    assert Client().head(path, headers=header).status_code == 200
    assert not Entitlement.objects.exists()
    assert Client().get(path, headers=header).status_code == 200
    assert Client().head(path, headers=header).status_code == 403


def test_purchase_without_its_root_key_is_still_confirmed(sale: Sale):
    """Root keys are not exported."""
    payment_hash = sale.purchase()["paymentHash"]
    path = f"/v1/payments/{payment_hash}/confirm"
    for lose in (lambda rows: rows.update(root_key="lost"), lambda rows: rows.delete()):
        lose(PaymentToken.objects.filter(payment__payment_hash=payment_hash))
        response = sale.buyer.post(path, {"preimage": "0" * 64})
        assert (response.status_code, response.json()["error"]["code"]) == (401, "l402_invalid")
        assert sale.challenge(sale.buyer)["paymentHash"] != payment_hash

    assert sale.buyer.post(path, {"preimage": pay(payment_hash)}).status_code == 200


def test_token_of_a_repeated_purchase_is_stored_encrypted(sale: Sale):
    path, headers = f"/offers/{sale.offer['id']}/purchase", {"Idempotency-Key": "k"}
    first = sale.buyer.post(path, **headers)
    token = read_challenge(first)["token"]
    row: Any = IdempotentRequest.objects.get()

    assert token not in f"{row.headers} {bytes(row.answer)!r}"
    again = sale.buyer.post(path, **headers)
    assert again["WWW-Authenticate"] == first["WWW-Authenticate"]
    assert again.content == first.content


def test_a_deleted_type_leaves_no_price_for_its_successor(sale: Sale):
    sale.seller.make_type("poem", schema=GUIDE, visibility="public")
    make_offer(sale.seller, "content_type", "poem")
    assert sale.seller.delete("/content-types/poem").status_code == 200
    assert not Offer.objects.filter(subject_id="poem", is_active=True).exists()

    sale.seller.make_type("poem", schema=GUIDE, visibility="public")
    item = sale.seller.make_item("poem", {"title": "One", "body": "Free"})
    sale.seller.publish(item)

    read = sale.visitor.get(f"/content-items/{item['id']}")
    assert (read.status_code, read.json()["data"]["body"]) == (200, "Free")

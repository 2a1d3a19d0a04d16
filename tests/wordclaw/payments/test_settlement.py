"""Settlement: events of the provider, and the provider asked."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier

from foundation.clock import fixed_time, now
from foundation.jobs.actions import run_due_jobs
from foundation.jobs.models import Job
from foundation.webhooks.signing import new_secret
from tests.wordclaw.payments.conftest import Sale, pay
from wordclaw.payments.jobs import reconcile
from wordclaw.payments.models import Entitlement, Payment
from wordclaw.payments.settlement.reconciling import check_due_payments, delete_unpaid_payments

SETTLED = "/v1/payments/webhooks/{}/settled"


@pytest.fixture
def secret(settings: Any) -> str:
    settings.PAYMENT_WEBHOOK_SECRETS = [new_secret(), new_secret()]
    return str(settings.PAYMENT_WEBHOOK_SECRETS[1])


@pytest.fixture
def send(sale: Sale, secret: str) -> Callable[..., Any]:
    """Send an event as a provider does, signed by the library of the specification."""

    def send(payment_hash: str, status: str, event_id: str = "evt_1", **options: Any) -> Any:
        body = json.dumps({"paymentHash": payment_hash, "status": status})
        moment = now() + options.get("delay", timedelta())
        signature = Verifier(options.get("secret", secret)).sign(event_id, moment, body)
        headers = {
            "webhook-id": event_id,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": signature,
        }
        path = SETTLED.format(options.get("provider", "mock"))
        return sale.visitor.post(path, json.loads(body), **headers)

    return send


def test_paid_event_gives_the_right_once(sale: Sale, send: Callable[..., Any]):
    challenge = sale.purchase()
    payment_hash = challenge["paymentHash"]

    assert send(payment_hash, "paid").status_code == 200
    assert send(payment_hash, "paid").json() == {"ok": True, "duplicate": True}
    assert send(payment_hash, "paid", "evt_2").status_code == 200

    entitlement = Entitlement.objects.get()
    assert entitlement.status == "active"
    assert sale.buyer.get(sale.path).status_code == 200
    assert entitlement.payment.last_event_id == "evt_1"


def test_events_out_of_order_change_nothing_that_has_ended(sale: Sale, send: Callable[..., Any]):
    paid, late = sale.purchase()["paymentHash"], sale.purchase()["paymentHash"]
    send(paid, "paid")
    send(late, "expired", "evt_2")

    for payment_hash, status in ((paid, "expired"), (paid, "failed"), (late, "paid")):
        response = send(payment_hash, status, f"late_{status}")
        assert response.status_code == 409
        assert response.json()["error"]["code"] == "invalid_payment_transition"
        # It was not applied, so it is tried again.
        assert send(payment_hash, status, f"late_{status}").status_code == 409

    states = dict(Entitlement.objects.values_list("payment__payment_hash", "status"))
    assert states == {paid: "active", late: "expired"}
    assert Entitlement.objects.get(status="expired").terminated_at is not None
    path = f"/v1/payments/{late}/confirm"
    response = sale.buyer.post(path, {"preimage": pay(late)})
    assert response.status_code == 402
    assert response.json()["error"]["details"]["reason"] == "expired"


@pytest.mark.once
def test_event_needs_a_right_signature(sale: Sale, send: Callable[..., Any], settings: Any):
    payment_hash = sale.purchase()["paymentHash"]
    other_secret = "whsec_" + base64.b64encode(b"0" * 32).decode()

    answers = [
        send(payment_hash, "paid", secret=other_secret),
        send(payment_hash, "paid", delay=timedelta(minutes=-6)),
        send(payment_hash, "paid", delay=timedelta(minutes=6)),
        sale.visitor.post(SETTLED.format("mock"), {"paymentHash": payment_hash, "status": "paid"}),
    ]
    assert [answer.status_code for answer in answers] == [401, 401, 401, 401]
    assert send(payment_hash, "paid", provider="lnbits").status_code == 409
    assert send(payment_hash, "paid", provider="none").status_code == 404
    assert send(payment_hash, "odd").status_code == 422
    response = send("0" * 64, "paid")
    assert (response.status_code, response.json()["unknownPayment"]) == (202, True)
    settings.PAYMENT_WEBHOOK_SECRETS = []
    assert send(payment_hash, "paid").status_code == 503
    assert Payment.objects.get().status == "pending"


@pytest.mark.once
def test_worker_finds_a_payment_without_an_event(sale: Sale):
    challenge = sale.purchase()
    pay(challenge["paymentHash"])

    with fixed_time(now() + timedelta(seconds=60)):
        reconcile(Job())
        run_due_jobs()

        assert Entitlement.objects.get().status == "active"
        assert sale.buyer.get(sale.path).status_code == 200


def test_unpaid_invoices_end_and_are_deleted(sale: Sale):
    sale.purchase()
    challenge = sale.challenge()
    with fixed_time(now() + timedelta(minutes=12)):
        reconcile(Job())
        run_due_jobs()
        assert set(Payment.objects.values_list("status", flat=True)) == {"expired"}
        response = sale.read_with(challenge["token"], "0" * 64)
        assert response.json()["error"]["details"]["reason"] == "invalid"

    with fixed_time(now() + timedelta(days=2)):
        assert delete_unpaid_payments() == 1
    with fixed_time(now() + timedelta(days=32)):
        assert delete_unpaid_payments() == 1
    assert not Payment.objects.exists()


def test_payment_of_a_former_provider_holds_up_no_other(sale: Sale):
    hash_before, hash_now = (sale.challenge(sale.buyer)["paymentHash"] for _ in range(2))
    rows = Payment.objects.filter(payment_hash=hash_before)
    rows.update(provider="lnbits", next_check_at=now() - timedelta(hours=1))
    pay(hash_now)

    with fixed_time(now() + timedelta(seconds=60)):
        assert check_due_payments()["paid"] == 1

    assert rows.get().status == "pending"


@pytest.mark.once
def test_payment_hash_of_another_form_is_refused(sale: Sale, send: Callable[..., Any]):
    for text in ("\0" * 64, "g" * 64, "é" * 64):
        assert send(text, "paid").status_code == 422
        hint = sale.visitor.post("/v1/payments/webhooks/lnbits/hint", {"payment_hash": text})
        assert (hint.status_code, hint.json()) == (200, {"ok": True})

"""Payments with a real LNbits server, and all that goes wrong with them."""

import json
import random
import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from time import sleep
from typing import Any
from urllib.error import HTTPError

import pytest
from django.conf import settings as django_settings

from clawstore.ops.health import run_checks
from foundation.accounts.models import User
from foundation.clock import fixed_time, now
from foundation.jobs.actions import run_due_jobs
from foundation.jobs.models import Job
from foundation.l402.headers import is_preimage_of
from foundation.l402.invoices import ALPHABET, InvalidInvoice, read_invoice
from tests.support.http import Api
from tests.support.servers.lnbits import Lnbits, environment_folder, lnbits_server
from tests.wordclaw.payments.conftest import GUIDE, SECRET, Sale, make_sale_with
from wordclaw.payments.jobs import reconcile
from wordclaw.payments.models import Entitlement, Payment, RevenueEvent
from wordclaw.payments.providers import lnbits as provider
from wordclaw.payments.providers.choice import active_provider
from wordclaw.payments.revenue.checks import ledger_problems
from wordclaw.payments.settlement.queries import payments_to_return

pytestmark = [pytest.mark.lnbits, pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture(scope="session")
def lnbits() -> Iterator[Lnbits]:
    with lnbits_server() as server:
        yield server


@pytest.fixture
def shop(
    api: Api,
    ada: User,
    key_for: Callable[..., str],
    lnbits: Lnbits,
    settings: Any,
    live_server: Any,
) -> Sale:
    """A sale of Ada, whose instance LNbits can reach."""
    settings.PAYMENT_PROVIDER = "lnbits"
    settings.LNBITS_URL, settings.LNBITS_INVOICE_KEY = lnbits.url, lnbits.invoice_key
    settings.BASE_URL = live_server.url
    return make_sale_with(api, ada, key_for, schema=GUIDE, maxReads=2)


def run_worker(seconds: float = 0) -> None:
    with fixed_time(now() + timedelta(seconds=seconds)):
        reconcile(Job())
        run_due_jobs()


def test_buyers_pay_and_read(shop: Sale, lnbits: Lnbits):
    active_provider().check()
    assert run_checks()["payments"] == "ok"
    challenge = shop.challenge()
    invoice = read_invoice(challenge["invoice"])
    assert invoice.payment_hash == challenge["paymentHash"]
    assert invoice.millisatoshis == 21_000

    preimage = lnbits.pay(challenge["invoice"])
    assert is_preimage_of(bytes.fromhex(preimage), challenge["paymentHash"])
    assert shop.read_with(challenge["token"], preimage).json()["data"]["body"] == SECRET
    with pytest.raises(HTTPError):
        lnbits.pay(challenge["invoice"])
    assert Entitlement.objects.get().remaining_reads == 1
    # Nothing of the answer that had the preimage is stored.
    rows = str([list(model.objects.values()) for model in (Payment, Entitlement)])
    assert preimage not in rows

    purchase = shop.purchase()
    lnbits.pay(purchase["invoice"])
    run_worker(60)
    assert shop.buyer.get(shop.path).status_code == 200


def test_hint_of_a_payment_makes_the_worker_ask(shop: Sale, lnbits: Lnbits):
    challenge = shop.purchase()
    lnbits.pay(challenge["invoice"])
    for _ in range(100):
        if Job.objects.filter(kind="payments.check").exists():
            break
        sleep(0.1)
    run_due_jobs()

    assert Entitlement.objects.get().status == "active"
    # It comes twice, and strangers send what they like.
    hint = "/v1/payments/webhooks/lnbits/hint"
    for body in ({"payment_hash": challenge["paymentHash"]}, {"payment_hash": "0" * 64}, "x", 1):
        assert shop.visitor.post(hint, body).json() == {"ok": True}
    assert Entitlement.objects.get().remaining_reads == 2


def test_expired_invoice_gives_no_right_although_it_can_be_paid(
    shop: Sale, lnbits: Lnbits, monkeypatch: pytest.MonkeyPatch, settings: Any
):
    settings.EXPERIMENTAL_REVENUE = True
    monkeypatch.setattr("wordclaw.payments.access.challenges.INVOICE_SECONDS", 1)
    challenge, purchase = shop.challenge(), shop.purchase()
    monkeypatch.setattr("wordclaw.payments.rules.GRACE", timedelta())
    sleep(1.5)
    preimage = lnbits.pay(challenge["invoice"])
    lnbits.pay(purchase["invoice"])
    Payment.objects.update(next_check_at=now())
    run_worker()
    assert set(Payment.objects.values_list("status", flat=True)) == {"expired"}
    assert payments_to_return().count() == 2

    # What came too late is in the ledger: owed to its senders.
    assert list(ledger_problems()) == []
    assert set(RevenueEvent.objects.values_list("kind", flat=True)) == {"late"}

    response = shop.read_with(challenge["token"], preimage)
    assert (response.status_code, response.json()["error"]["details"]["reason"]) == (402, "expired")
    assert Entitlement.objects.get().status == "expired"
    assert shop.buyer.get(shop.path).status_code == 402


def test_silent_provider_stops_sales_and_loses_none(
    shop: Sale, lnbits: Lnbits, monkeypatch: pytest.MonkeyPatch
):
    challenge = shop.purchase()
    lnbits.pay(challenge["invoice"])
    monkeypatch.setattr(provider, "SECONDS", 0.5)
    with lnbits.silent():
        response = shop.visitor.get(shop.path)
        assert response.status_code == 503
        assert response.json()["error"]["code"] == "payment_provider_unavailable"
        run_worker(60)
        assert Payment.objects.get().status == "pending"
        # Members and free content need no provider.
        assert shop.seller.get(shop.path).status_code == 200
    monkeypatch.setattr(provider, "SECONDS", 8.0)
    # Later than the end of the invoice: it was paid in time.
    run_worker(1200)

    assert Entitlement.objects.get().status == "active"
    assert lnbits.invoice_key == django_settings.LNBITS_INVOICE_KEY


REFERENCE = """
import json, sys, bolt11
for text in json.load(sys.stdin):
    try:
        invoice = bolt11.decode(text)
        print(json.dumps([invoice.payment_hash, invoice.amount_msat, invoice.date, invoice.expiry]))
    except Exception:
        print("null")
"""


def test_invoices_are_read_as_the_reference_reads_them(shop: Sale):
    """Valid and damaged invoices give the same parts, or none."""
    texts = [shop.challenge()["invoice"] for _ in range(3)]
    generator = random.Random(2)
    for number in range(3000):
        letters = list(texts[number % 3])
        letters[generator.randrange(4, len(letters))] = generator.choice(ALPHABET)
        texts.append("".join(letters))
    process = subprocess.run(
        [environment_folder() / "bin" / "python", "-c", REFERENCE],
        input=json.dumps(texts),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )

    answers = [json.loads(line) for line in process.stdout.splitlines()]
    assert answers == [read(text) for text in texts]
    assert sum(answer is None for answer in answers) > 2500


def read(text: str) -> list[Any] | None:
    try:
        invoice = read_invoice(text)
    except InvalidInvoice:
        return None
    made_at = int(invoice.made_at.timestamp())
    return [invoice.payment_hash, invoice.millisatoshis, made_at, invoice.expiry_seconds]

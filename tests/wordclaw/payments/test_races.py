"""Many uses of one right at once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from foundation.actor import Actor
from tests.support.races import run_at_once
from tests.wordclaw.payments.conftest import Sale, pay
from wordclaw.payments.models import AccessEvent, Entitlement, Offer, Payment
from wordclaw.payments.offers.actions import change_offer
from wordclaw.policy.actions import find_domain

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def at_once(count: int, threads: int, ask: Callable[[Client], Any]) -> Counter[Any]:
    """Ask many times at once; count the statuses with the codes of errors."""

    def run(_number: int) -> Any:
        try:
            response = ask(Client())
            code = "" if response.status_code == 200 else response.json()["error"]["code"]
            return response.status_code, code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        return Counter(pool.map(run, range(count)))


def test_one_of_ten_uses_of_a_single_read_succeeds(make_sale: Callable[..., Sale]):
    sale = make_sale(maxReads=1)
    challenge = sale.challenge()
    header = f"L402 {challenge['token']}:{pay(challenge['paymentHash'])}"
    path = sale.seller.base + sale.path

    counts = at_once(10, 10, lambda client: client.get(path, headers={"Authorization": header}))

    assert counts == {(200, ""): 1, (403, "payment_consumed"): 9}
    assert AccessEvent.objects.count() == 1
    assert Entitlement.objects.get().remaining_reads == 0
    assert Payment.objects.get().status == "consumed"


def test_many_redemptions_take_what_was_sold(make_sale: Callable[..., Sale]):
    """150 of 200 uses succeed where 150 were sold; the others are refused."""
    count, reads = (200, 150) if connection.vendor == "postgresql" else (24, 18)
    sale = make_sale(maxReads=reads)
    challenge = sale.purchase()
    path = f"/v1/payments/{challenge['paymentHash']}/confirm"
    sale.buyer.post(path, {"preimage": pay(challenge["paymentHash"])})
    headers = {"Authorization": f"Bearer {sale.buyer.key}"}

    def ask(client: Client) -> Any:
        return client.get(sale.seller.base + sale.path, headers=headers)

    assert at_once(count, 16, ask) == {(200, ""): reads, (402, "payment_required"): count - reads}
    assert AccessEvent.objects.count() == reads


def test_two_changes_of_an_offer_at_once_both_stay(make_sale: Callable[..., Sale], as_ada: Actor):
    make_sale()
    offer = Offer.objects.get()
    domain = find_domain("ada", as_ada)
    changes: list[dict[str, Any]] = [{"amount_satoshis": 77}, {"is_active": False}]

    results = run_at_once(
        [
            lambda change=change: change_offer(domain, str(offer.pk), change, by=as_ada)
            for change in changes
        ]
    )

    assert all(isinstance(result, Offer) for result in results), results
    offer.refresh_from_db()
    assert (offer.amount_satoshis, offer.is_active) == (77, False)

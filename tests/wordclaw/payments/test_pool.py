"""One customer cannot use up the invoices for readers without an account."""

from typing import Any

import pytest
from django.test import Client

from tests.wordclaw.payments.conftest import Sale
from wordclaw.payments import limits
from wordclaw.payments.access import challenges


@pytest.fixture(autouse=True)
def small_limits(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.LIMITS_ON = True
    usual = challenges.get_limit

    def small(name: str) -> Any:
        limit = usual(name)
        units = {limits.CHALLENGE: 2, limits.CUSTOMER: 5}[name]
        return type(limit)(limit.name, units, limit.seconds, limit.per, exact=limit.exact)

    monkeypatch.setattr(challenges, "get_limit", small)


def ask(sale: Sale, address: str) -> int:
    return Client().get(sale.seller.base + sale.path, REMOTE_ADDR=address).status_code


@pytest.mark.once
def test_invoices_are_limited_by_network_and_by_customer(sale: Sale) -> None:
    # 64 bits of IPv6 are one network, whatever the host.
    of_one_network = [ask(sale, f"2001:db8:1:1::{host}") for host in range(1, 4)]
    assert of_one_network == [402, 402, 429]

    of_one_customer = [ask(sale, f"2001:db8:1:{network}::1") for network in range(2, 6)]
    assert of_one_customer == [402, 402, 402, 429]

    assert ask(sale, "2001:db8:2::1") == 402
    assert ask(sale, "198.51.100.7") == 402

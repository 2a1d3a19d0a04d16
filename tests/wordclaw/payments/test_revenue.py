"""The ledger: sales, refunds and payouts in double entry."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.wordclaw.payments.conftest import Sale, pay
from wordclaw.payments.models import (
    AgentProfile,
    AllocationStatusEvent,
    Entitlement,
    RevenueEvent,
)
from wordclaw.payments.revenue.checks import ledger_problems
from wordclaw.payments.revenue.queries import Revenue, pending_allocations, revenue_of
from wordclaw.policy.models import Domain


@pytest.fixture(autouse=True)
def ledger(settings: Any) -> None:
    settings.EXPERIMENTAL_REVENUE = True


def buy(sale: Sale) -> Entitlement:
    payment_hash = sale.purchase()["paymentHash"]
    path = f"/v1/payments/{payment_hash}/confirm"
    assert sale.buyer.post(path, {"preimage": pay(payment_hash)}).status_code == 200
    return Entitlement.objects.get(payment__payment_hash=payment_hash)


def refund(sale: Sale, entitlement: Entitlement) -> None:
    response = sale.seller.post(f"/entitlements/{entitlement.pk}/refund", {"reason": "Sorry."})
    assert response.status_code == 200


def revenue() -> Revenue:
    return revenue_of(Domain.objects.get(name="ada"))


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def states() -> list[str]:
    return sorted(AllocationStatusEvent.objects.values_list("status", flat=True))


def test_sale_refund_and_payout_change_the_balance(sale: Sale) -> None:
    first, second = buy(sale), buy(sale)
    refund(sale, second)
    assert revenue() == Revenue(sold=42, refunded=21)

    with pytest.raises(CommandError, match="Balance: 21 sat"):
        run("record_payout", "@ada", "22")
    run("record_payout", "@ada", "21", "--reference", "by hand")

    assert revenue().balance == 0
    assert states() == ["cleared", "cleared", "pending", "pending"]
    # What was paid out already is owed by the seller now.
    refund(sale, first)
    assert revenue().balance == -21
    assert states().count("disputed") == 1
    assert "adds up" in run("check_ledger")


def test_payouts_clear_the_oldest_sales_that_they_cover(sale: Sale) -> None:
    buy(sale), buy(sale)

    run("record_payout", "ada", "30")
    assert states().count("cleared") == 1
    run("record_payout", "ada", "12")
    assert states().count("cleared") == 2


def test_ledger_that_was_off_is_completed(sale: Sale, settings: Any) -> None:
    settings.EXPERIMENTAL_REVENUE = False
    buy(sale)
    refund(sale, buy(sale))
    assert not RevenueEvent.objects.exists()
    settings.EXPERIMENTAL_REVENUE = True
    assert len(list(ledger_problems())) == 2
    with pytest.raises(CommandError):
        run("check_ledger")

    assert "3 events" in run("check_ledger", "--complete")

    assert revenue() == Revenue(sold=42, refunded=21)


def test_refund_of_a_sale_from_before_the_ledger(sale: Sale, settings: Any) -> None:
    settings.EXPERIMENTAL_REVENUE = False
    entitlement = buy(sale)
    settings.EXPERIMENTAL_REVENUE = True

    refund(sale, entitlement)

    assert list(ledger_problems()) == []
    assert revenue().balance == 0


def test_payout_after_a_refund_clears_the_next_sales(sale: Sale) -> None:
    refunded_sale = buy(sale)
    run("record_payout", "@ada", "21")
    refund(sale, refunded_sale)
    buy(sale)
    buy(sale)
    run("record_payout", "@ada", "21")

    assert revenue().balance == 0
    assert not pending_allocations(AgentProfile.objects.get()).exists()

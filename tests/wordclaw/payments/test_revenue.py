"""The ledger: sales, refunds and payouts in double entry."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from foundation.actor import Actor
from foundation.clock import fixed_time, now
from tests.wordclaw.payments.conftest import Sale, pay
from wordclaw.payments.errors import InvalidTransition, NothingToReturn
from wordclaw.payments.models import (
    AgentProfile,
    AllocationStatusEvent,
    Entitlement,
    Payment,
    RevenueAccount,
    RevenueAllocation,
    RevenueEvent,
)
from wordclaw.payments.revenue.checks import ledger_problems
from wordclaw.payments.revenue.queries import Revenue, pending_allocations, revenue_of
from wordclaw.payments.settlement.actions import keep_return
from wordclaw.payments.settlement.events import apply_event
from wordclaw.payments.settlement.queries import payments_to_return
from wordclaw.payments.settlement.reconciling import check_due_payments, delete_unpaid_payments
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


@pytest.mark.once
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


@pytest.mark.once
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


def owed_to_buyers() -> int:
    rows = RevenueAllocation.objects.filter(account=RevenueAccount.BUYERS)
    return -sum(rows.values_list("amount_satoshis", flat=True))


def test_money_that_came_too_late_is_owed_to_its_sender_until_it_is_paid_back(sale: Sale) -> None:
    payment_hash = sale.purchase()["paymentHash"]
    with fixed_time(now() + timedelta(hours=1)):
        check_due_payments()
        for _ in range(2):
            with pytest.raises(InvalidTransition):
                apply_event("mock", "event-1", payment_hash, "paid", by=Actor())
    payment = Payment.objects.get(payment_hash=payment_hash)
    assert (payment.status, list(payments_to_return())) == ("expired", [payment])
    assert (owed_to_buyers(), revenue().balance) == (21, 0)
    with fixed_time(now() + timedelta(days=60)):
        assert delete_unpaid_payments() == 0

    keep_return(payment.pk, "hash of the transfer", by=Actor())

    assert (owed_to_buyers(), payments_to_return().count()) == (0, 0)
    assert "adds up" in run("check_ledger")
    with pytest.raises(NothingToReturn):
        keep_return(payment.pk, "again", by=Actor())


def test_refund_is_owed_to_the_buyer_until_it_is_paid_back(sale: Sale, settings: Any) -> None:
    settings.EXPERIMENTAL_REVENUE = False
    entitlement = buy(sale)
    with pytest.raises(NothingToReturn):
        keep_return(entitlement.payment_id, "not refunded", by=Actor())
    refund(sale, entitlement)
    settings.EXPERIMENTAL_REVENUE = True

    keep_return(entitlement.payment_id, "by hand", by=Actor())

    # The entries from before the ledger was on are written, too.
    assert list(ledger_problems()) == []
    assert (owed_to_buyers(), revenue().balance) == (0, 0)

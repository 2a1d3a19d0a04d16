"""Random sequences of buying, paying, reading, refunds, time and crashes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from foundation.actor import Actor
from foundation.clock import fixed_time, now
from foundation.refusals import Refusal
from tests.support.rolled_back import rolled_back
from tests.wordclaw.payments.conftest import Sale, pay
from wordclaw.payments.models import (
    AccessEvent,
    Entitlement,
    EntitlementStatus,
    MockInvoice,
    Payment,
    PaymentStatus,
)
from wordclaw.payments.providers.mock import pay_mock_invoice
from wordclaw.payments.revenue.actions import record_payout
from wordclaw.payments.revenue.checks import ledger_problems
from wordclaw.payments.revenue.queries import revenue_of
from wordclaw.payments.settlement.actions import keep_return, settle_payment
from wordclaw.payments.settlement.queries import payments_to_return
from wordclaw.payments.settlement.reconciling import (
    check_due_payments,
    delete_unpaid_payments,
    end_due_entitlements,
)
from wordclaw.policy.models import Domain

pytestmark = pytest.mark.once
MAX_READS = 2
STEPS = (
    *("buy", "challenge", "pay", "pay", "confirm", "redeem", "redeem", "read", "read"),
    *("refund", "wait", "wait_long", "reconcile", "crash", "rotate", "pay_out", "pay_back"),
)


class Market:
    """One item on sale, the challenges that were made, and a clock."""

    def __init__(self, sale: Sale, settings: Any) -> None:
        self.sale, self.settings, self.moment = sale, settings, now()
        self.challenges: list[dict[str, Any]] = []

    def step(self, name: str, number: int) -> None:
        with fixed_time(self.moment):
            getattr(self, name)(number)
            self.check()

    def any_challenge(self, number: int) -> dict[str, Any] | None:
        return self.challenges[number % len(self.challenges)] if self.challenges else None

    def buy(self, _number: int) -> None:
        self.challenges.append(self.sale.purchase())

    def challenge(self, _number: int) -> None:
        self.challenges.append(self.sale.challenge())

    def pay(self, number: int) -> None:
        challenge = self.any_challenge(number)
        if challenge:
            try:
                pay_mock_invoice(challenge["paymentHash"])
            except Refusal:
                assert self.moment > datetime.fromisoformat(challenge["expiresAt"])

    def proof(self, challenge: dict[str, Any]) -> str:
        """The preimage if the buyer has paid, else a wrong one."""
        invoice = MockInvoice.objects.get(pk=challenge["paymentHash"])
        return pay(invoice.pk) if invoice.paid_at else "0" * 64

    def confirm(self, number: int) -> None:
        challenge = self.any_challenge(number)
        if challenge:
            path = f"/v1/payments/{challenge['paymentHash']}/confirm"
            response = self.sale.buyer.post(path, {"preimage": self.proof(challenge)})
            assert response.status_code in (200, 402, 404)

    def redeem(self, number: int) -> None:
        challenge = self.any_challenge(number)
        if challenge:
            self.reading(lambda: self.sale.read_with(challenge["token"], self.proof(challenge)))

    def read(self, _number: int) -> None:
        self.reading(lambda: self.sale.buyer.get(self.sale.path))

    def reading(self, ask: Callable[[], Any]) -> None:
        count = AccessEvent.objects.count()
        response = ask()
        is_read = response.status_code == 200
        assert AccessEvent.objects.count() == count + is_read
        assert is_read or response.status_code in (401, 402, 403, 409), response.content

    def refund(self, number: int) -> None:
        rows = list(Entitlement.objects.order_by("created_at", "pk"))
        if rows:
            path = f"/entitlements/{rows[number % len(rows)].pk}/refund"
            response = self.sale.seller.post(path, {"reason": "Sorry."})
            assert response.status_code in (200, 409)

    def wait(self, _number: int) -> None:
        self.moment += timedelta(seconds=45)

    def wait_long(self, _number: int) -> None:
        self.moment += timedelta(minutes=15)

    def reconcile(self, _number: int) -> None:
        self.moment += timedelta(seconds=60)
        with fixed_time(self.moment):
            end_due_entitlements()
            check_due_payments()
            delete_unpaid_payments()
            paid_hashes = MockInvoice.objects.exclude(paid_at=None).values("pk")
            open_payments = Payment.objects.filter(
                status=PaymentStatus.PENDING, payment_hash__in=paid_hashes
            )
            # Without an account the buyer's proof is awaited until the invoice ends.
            assert not open_payments.exclude(user=None).exists()

    def crash(self, number: int) -> None:
        """The process dies after a payment was settled and before the commit."""
        challenge = self.any_challenge(number)
        payment = (
            challenge
            and Payment.objects.filter(
                payment_hash=challenge["paymentHash"], status=PaymentStatus.PENDING
            ).first()
        )
        if payment:
            with transaction.atomic():
                settle_payment(payment.pk, by=Actor())
                transaction.set_rollback(True)

    def rotate(self, number: int) -> None:
        former_keys = [self.settings.SECRET_KEY, *self.settings.SECRET_KEY_FALLBACKS]
        self.settings.SECRET_KEY_FALLBACKS = former_keys
        self.settings.SECRET_KEY = f"{number} is a new secret that guards nothing"

    def pay_out(self, number: int) -> None:
        domain = Domain.objects.get(name="ada")
        balance = revenue_of(domain).balance
        try:
            record_payout(domain, 21 * (number + 1), by=Actor())
        except Refusal:
            assert 21 * (number + 1) > balance

    def pay_back(self, number: int) -> None:
        payments = list(payments_to_return())
        if payments:
            payment = payments[number % len(payments)]
            keep_return(payment.pk, "by hand", by=Actor())
            assert payment not in payments_to_return()

    def check(self) -> None:
        """No right without payment, no read without right, no more reads than sold."""
        assert list(ledger_problems()) == []
        paid_hashes = set(MockInvoice.objects.exclude(paid_at=None).values_list("pk", flat=True))
        for row in Entitlement.objects.select_related("payment"):
            reads = AccessEvent.objects.filter(entitlement=row).count()
            if row.activated_at is None:
                assert (reads, row.status == EntitlementStatus.ACTIVE) == (0, False)
                continue
            assert row.payment.payment_hash in paid_hashes
            assert row.payment.status in (PaymentStatus.PAID, PaymentStatus.CONSUMED)
            assert reads + (row.remaining_reads or 0) == MAX_READS
            assert (row.status == EntitlementStatus.EXHAUSTED) <= (reads == MAX_READS)
            assert (row.terminated_at is None) == (row.status == EntitlementStatus.ACTIVE)


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 3)), max_size=25))
@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_sequences_give_no_right_without_payment(
    sale: Sale, settings: Any, steps: list[tuple[str, int]]
):
    # Reads and time are limited, so that rights end in every way.
    terms = {"maxReads": MAX_READS, "ttlSeconds": 1200}
    keys = settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS
    settings.EXPERIMENTAL_REVENUE = True
    with rolled_back():
        policy = sale.seller.patch(f"/licence-policies/{sale.offer['policyId']}", terms)
        assert policy.status_code == 200, policy.content
        market = Market(sale, settings)
        for name, number in steps:
            market.step(name, number)
        # In the end each paid purchase is granted.
        market.step("reconcile", 0)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = keys

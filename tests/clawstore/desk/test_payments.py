"""Payments that hang, at the desk."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clawstore.ops.health import forget_checks, run_checks
from foundation.audit.models import AuditLog
from foundation.clock import now
from tests.clawstore.sales.conftest import PaidAgent, paid, sell  # noqa: F401
from tests.support.page import desk_address
from wordclaw.payments.models import Payment
from wordclaw.payments.providers.mock import pay_mock_invoice

LIST = reverse("admin:payments_payment_changelist")


@pytest.fixture
def hanging(paid: PaidAgent, settings: Any) -> Payment:  # noqa: F811
    """A payment whose provider has been silent since the end of its invoice."""
    settings.PAYMENT_PROVIDER = "mock"
    paid.api.post(f"/v1/domains/ada/offers/{paid.offer['id']}/purchase", {}, key=paid.buyer_key)
    payment = Payment.objects.get()
    pay_mock_invoice(payment.payment_hash)
    Payment.objects.update(expires_at=now() - timedelta(hours=2))
    payment.refresh_from_db()
    return payment


def confirm(desk: Client, payment: Payment) -> Any:
    return desk.post(desk_address(payment), {"measure": "ask", "confirmed": "yes"}, follow=True)


@pytest.mark.once
def test_a_hanging_payment_is_listed_and_asked_about(hanging: Payment, desk: Client) -> None:
    assert "1 hanging payment" in desk.get("/admin/").text
    page = desk.get(LIST).text
    assert "@ada/planner" in page
    assert "2\xa0hours ago" in page
    Payment.objects.update(expires_at=now())

    answer = confirm(desk, hanging)

    assert "the buyer has the right now" in answer.text
    hanging.refresh_from_db()
    assert hanging.status == "paid"
    assert "hanging payment" not in desk.get("/admin/").text


def test_money_that_came_too_late_is_to_be_returned(hanging: Payment, desk: Client) -> None:
    answer = confirm(desk, hanging)

    assert "The money came after the end of the invoice: return it" in answer.text
    hanging.refresh_from_db()
    assert (hanging.status, hanging.is_owed_back) == ("expired", True)
    assert "1 payment to pay back" in desk.get("/admin/").text
    assert "too late, to pay back" in desk.get(f"{LIST}?show=return").text

    values = {"measure": "returned", "confirmed": "yes", "reason": "hash of the transfer"}
    answer = desk.post(desk_address(hanging), values, follow=True)

    assert "The money counts as paid back" in answer.text
    assert "to pay back" not in desk.get("/admin/").text
    assert AuditLog.objects.get(action="payment.returned").details["note"] == values["reason"]


@pytest.mark.once
def test_a_silent_provider_is_named(hanging: Payment, desk: Client, settings: Any) -> None:
    settings.PAYMENT_PROVIDER = "lnbits"
    settings.LNBITS_URL, settings.LNBITS_INVOICE_KEY = "http://127.0.0.1:9", "x"

    answer = confirm(desk, hanging)

    assert answer.status_code == 503
    assert "not possible at the moment" in answer.text
    hanging.refresh_from_db()
    assert hanging.status == "pending"


@pytest.mark.django_db(transaction=True)
def test_readiness_names_hanging_payments(hanging: Payment) -> None:
    forget_checks()
    assert run_checks()["hanging_payments"] == "failed"
    Payment.objects.update(expires_at=now())
    assert run_checks()["hanging_payments"] == "ok"


@pytest.mark.once
def test_strangers_see_no_payments(hanging: Payment, ada_client: Client) -> None:
    assert ada_client.get(LIST).status_code in (302, 403)

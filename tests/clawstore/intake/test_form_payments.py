"""A person pays for a form on its page, without scripts."""

import re
from typing import Any

import pytest
from django.test import Client

from foundation.accounts.models import User
from foundation.actor import Actor
from tests.clawstore.intake.test_form_pages import send, stamp_of, wish  # noqa: F401
from tests.wordclaw.payments.conftest import pay
from wordclaw.forms.definitions.actions import change_form
from wordclaw.forms.models import FormSubmission
from wordclaw.payments.models import Payment
from wordclaw.policy.models import Domain

PAGE = "/forms/@ada/wish"


@pytest.fixture
def sold(wish: Domain, ada: User, settings: Any) -> Domain:  # noqa: F811
    settings.PAYMENT_PROVIDER = "mock"
    by = Actor(user=ada, door="page")
    change_form(wish, "wish", {"requires_payment": True, "price_satoshis": 7}, by=by)
    return wish


def text_of(response: Any) -> str:
    text: str = response.content.decode()
    return text


def signed_payment(response: Any) -> str:
    match = re.search(r'name="payment" value="([^"]+)"', text_of(response))
    assert match
    return match[1]


def test_a_person_pays_and_sends(sold: Domain, client: Client):
    assert "7 sat" in text_of(client.get(PAGE))
    # Mistakes are shown before there is an invoice.
    assert send(client, title="", body="B").status_code == 422
    assert not Payment.objects.exists()

    invoice_page = send(client, title="Fly")
    payment = Payment.objects.get()
    assert invoice_page.status_code == 402
    assert payment.payment_request in text_of(invoice_page)
    assert 'value="Fly"' in text_of(invoice_page)
    fields = {"payment": signed_payment(invoice_page)}
    stamp = stamp_of(invoice_page)
    early = send(client, stamp=stamp, extra=fields, title="Fly")
    assert early.status_code == 402
    assert payment.payment_request in text_of(early)

    pay(payment.payment_hash)
    Payment.objects.update(checked_at=None)
    # A mistake after the payment uses nothing up.
    assert send(client, stamp=stamp, extra=fields, title="Fly", stars="many").status_code == 422
    receipt = send(client, stamp=stamp, extra=fields, title="Fly")
    second = send(client, stamp=stamp, extra=fields, title="Fly")

    assert receipt.status_code == 302
    assert second["Location"] == receipt["Location"]
    other = send(client, extra=fields, title="Another")
    assert other.status_code == 402
    assert (FormSubmission.objects.count(), Payment.objects.count()) == (1, 2)


@pytest.mark.once
def test_a_changed_payment_field_is_no_payment(sold: Domain, client: Client):
    invoice_page = send(client, title="Fly")
    pay(Payment.objects.get().payment_hash)
    Payment.objects.update(checked_at=None)

    answer = send(client, extra={"payment": signed_payment(invoice_page) + "x"}, title="Fly")

    assert answer.status_code == 402
    assert not FormSubmission.objects.exists()

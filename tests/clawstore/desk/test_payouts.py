"""Payouts of sellers, at the desk."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from tests.clawstore.sales.conftest import PaidAgent, mock_provider, paid, sell  # noqa: F401
from tests.support.page import desk_address
from wordclaw.payments.models import AgentProfile, PayoutTransfer
from wordclaw.payments.revenue.checks import ledger_problems
from wordclaw.policy.members import accept_invitation, invite_member
from wordclaw.policy.models import Domain

LIST = reverse("admin:payments_agentprofile_changelist")


@pytest.fixture
def seller(paid: PaidAgent, settings: Any) -> AgentProfile:  # noqa: F811
    """Ada, who has sold for 21 satoshis."""
    settings.EXPERIMENTAL_REVENUE = True
    paid.buy()
    row: AgentProfile = AgentProfile.objects.get()
    return row


def pay(desk: Client, seller: AgentProfile, **changes: str) -> Any:
    values = {"measure": "pay_out", "amount": "20", "reference": "hash of the transfer"}
    address = desk_address(seller)
    return desk.post(address, values | {"confirmed": "yes"} | changes, follow=True)


def test_maintainer_records_a_payout(seller: AgentProfile, desk: Client) -> None:
    assert ">21<" in desk.get(LIST).text
    first_page = desk.get(desk_address(seller)).text
    assert all(text in first_page for text in ("@ada, 21 sat", "Record a payout", "None."))

    answer = pay(desk, seller)

    assert all(text in answer.text for text in ("@ada, 1 sat", "20 sat", "hash of the transfer"))
    transfer = PayoutTransfer.objects.get()
    assert (transfer.amount_satoshis, transfer.reference) == (20, "hash of the transfer")
    assert AuditLog.objects.get(action="revenue.payout").details["amountSatoshis"] == 20
    assert list(ledger_problems()) == []


def test_wrong_payouts_change_nothing(seller: AgentProfile, desk: Client) -> None:
    for changes, status in (
        ({"amount": "22"}, 409),
        ({"amount": "0"}, 422),
        ({"amount": ""}, 422),
        ({"reference": " "}, 422),
    ):
        answer = pay(desk, seller, **changes)
        assert (answer.status_code, "Nothing was changed." in answer.text) == (status, True)
    assert not PayoutTransfer.objects.exists()


def test_nobody_pays_out_to_themselves(
    seller: AgentProfile, desk: Client, root: User, ada: User
) -> None:
    domain = Domain.objects.get(name="ada")
    invite_member(domain, login=root.username, role="reader", by=Actor(user=ada))
    accept_invitation(domain, by=Actor(user=root))

    assert pay(desk, seller).status_code == 403
    assert not PayoutTransfer.objects.exists()


def test_without_the_ledger_there_is_no_page(
    seller: AgentProfile, desk: Client, ada_client: Client, settings: Any
) -> None:
    assert ada_client.get(LIST).status_code in (302, 403)
    settings.EXPERIMENTAL_REVENUE = False

    assert LIST not in desk.get("/admin/").text
    assert desk.get(LIST).status_code == 403
    assert pay(desk, seller).status_code == 403
    assert not PayoutTransfer.objects.exists()

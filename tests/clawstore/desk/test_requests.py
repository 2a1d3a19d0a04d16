"""Requests to the maintainers: the forms of the store, and decisions at the desk."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from clawstore.intake.models import OpenedReport, StoreRequest
from clawstore.intake.store_forms import STORE_FORMS
from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.jobs.actions import run_due_jobs
from moderation.models import Report
from registry.models import Agent
from tests.support.factories import make_user
from tests.support.http import client_of
from tests.support.page import desk_address
from wordclaw.content.models import ContentItem
from wordclaw.content.space import wrong_spaces
from wordclaw.forms.submissions.actions import submit_form
from wordclaw.policy.actions import find_domain

pytestmark = pytest.mark.once
DATA: dict[str, dict[str, Any]] = {
    "contact": {"subject": "Hello", "message": "How?", "email": "ann@example.org"},
    "claim-a-name": {
        "name": "@acme",
        "right": "No. 1",
        "wish": "The agent is delisted",
        "claimant": "Acme Ltd",
        "email": "law@acme.example",
    },
    "legal-notice": {
        "kind": "Personal data",
        "where": "/agents/@ada/coach",
        "what": "My address.",
        "sender": "Eve",
        "email": "eve@example.org",
        "statement": True,
    },
    "official-publisher": {"project": "Acme", "website": "https://acme.example", "proof": "/team"},
}


def send(slug: str, by: Actor = ANONYMOUS, **data: Any) -> StoreRequest:
    store = find_domain("store", by)
    row = submit_form(store, slug, DATA[slug] | data, network="n", by=by)
    return StoreRequest.objects.get(pk=row.pk)


def take(desk: Client, row: Any, measure: str, words: str = "Because.") -> Any:
    fields = {"measure": measure, "words": words}
    confirmation = desk.post(desk_address(row), fields)
    assert confirmation.status_code == 200, confirmation.content
    return desk.post(desk_address(row), fields | {"confirmed": "yes"})


def test_each_form_of_the_store_opens_a_review(root: User, grace: User, client: Client):
    mail.outbox.clear()
    for slug in STORE_FORMS:
        page = client.get(f"/forms/{slug}")
        assert page.status_code == 200
        row = send(slug, by=Actor(user=grace, door="page"))
        assert row.task is not None
        assert row.task.due_at is not None
        item = ContentItem.objects.get(pk=row.item_id)
        assert (item.status, item.published_version_id) == ("in_review", None)
    assert list(wrong_spaces()) == []
    run_due_jobs()
    assert {tuple(message.to) for message in mail.outbox} == {(root.email,)}
    desk = client_of(root)
    listing = desk.get("/admin/intake/storerequest/").content.decode()
    assert all(text in listing for text in ("Hello", "@acme", "Personal data", "Acme"))
    assert "4 open requests" in desk.get("/admin/").content.decode()


def test_a_maintainer_decides_a_name_claim_and_opens_a_report(root: User, coach: Agent):
    claim = send("claim-a-name", agent={"agent": coach.full_id})
    desk = client_of(root)
    page = desk.get(desk_address(claim)).content.decode()
    assert "Acme Ltd" in page
    assert coach.full_id in page
    answer = take(desk, claim, "open_report", "The mark is registered.")
    report = Report.objects.get()
    assert answer.headers["Location"] == desk_address(report)
    assert (report.reason, report.reporter_user, report.agent) == ("trademark", None, coach)
    assert "Acme Ltd" in report.details
    claim.refresh_from_db()
    assert claim.task.status == "approved"
    # The pages lead to each other.
    assert desk_address(claim) in desk.get(desk_address(report)).content.decode()
    assert desk_address(report) in desk.get(desk_address(claim)).content.decode()
    # A second click opens no second report.
    again = desk.post(desk_address(claim), {"measure": "open_report", "words": "x"})
    assert (again.status_code, OpenedReport.objects.count()) == (422, 1)
    mail.outbox.clear()
    run_due_jobs()
    answers = [message for message in mail.outbox if message.to == ["law@acme.example"]]
    assert len(answers) == 1
    # The address was typed, so the words stand on the receipt alone.
    assert claim.receipt in answers[0].body
    assert "The mark is registered." not in answers[0].body


def test_accepting_grants_the_role_and_declining_tells_why(root: User, grace: User, client: Client):
    row = send("official-publisher", by=Actor(user=grace, door="page"))
    take(client_of(root), row, "accept_and_grant")
    assert User.objects.get(pk=grace.pk).has_role("official")
    second = send("contact")
    take(client_of(root), second, "decline", "Not here.")
    receipt = client.get(f"/receipts/{second.receipt}").content.decode()
    assert "Declined" in receipt
    assert "Not here." in receipt
    third = send("contact", message="Another")
    take(client_of(root), third, "answer", "By Friday.")
    assert "By Friday." in client.get(f"/receipts/{third.receipt}").content.decode()
    # An account is needed to ask for the role.
    assert client.get("/forms/official-publisher").content.count(b"f-project") == 0


def test_nobody_decides_a_request_that_concerns_them(root: User, coach: Agent):
    maintainer = make_user("mia", maintainer=True)
    own = send("official-publisher", by=Actor(user=maintainer, door="page"))
    coach.owner_user = maintainer
    coach.save(update_fields=["owner_user"])
    about_own = send("claim-a-name", agent={"agent": coach.full_id})
    desk = client_of(maintainer)
    for row in (own, about_own):
        assert b"This concerns you." in desk.get(desk_address(row)).content
        fields = {"measure": "accept", "words": "x", "confirmed": "yes"}
        assert desk.post(desk_address(row), fields).status_code == 403
        # Nor in the studio, where the same action decides.
        answer = desk.post(f"/studio/store/reviews/{row.task_id}", {"do": "approve"})
        assert answer.status_code == 403
        row.task.refresh_from_db()
        assert row.task.status == "pending"
    outsider = client_of(make_user("eve"))
    assert outsider.get(desk_address(own)).status_code in (302, 403)

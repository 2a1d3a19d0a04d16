"""Requests to the maintainers: the forms of the store, and decisions at the desk."""

import io
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from clawstore.intake.models import OpenedReport, StoreRequest
from clawstore.intake.store_forms import STORE_FORMS
from clawstore.roles import grant_role
from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.jobs.actions import run_due_jobs
from moderation.models import Report
from registry.models import Agent
from tests.support.factories import make_user
from tests.support.http import client_of
from tests.support.page import desk_address
from wordclaw.content.assets.upload import JudgedUpload
from wordclaw.content.models import ContentItem
from wordclaw.content.space import wrong_spaces
from wordclaw.forms.definitions.queries import find_form
from wordclaw.forms.submissions.actions import submit_form
from wordclaw.forms.uploads.actions import keep_upload
from wordclaw.policy.actions import find_domain
from wordclaw.policy.members import accept_invitation, invite_member

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
    fields = {"measure": measure, "reason": words}
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


def test_a_maintainer_decides_a_name_claim_and_opens_a_report(
    root: User, coach: Agent, client: Client
):
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
    again = desk.post(desk_address(claim), {"measure": "open_report", "reason": "x"})
    assert (again.status_code, OpenedReport.objects.count()) == (422, 1)
    mail.outbox.clear()
    run_due_jobs()
    answers = [message for message in mail.outbox if message.to == ["law@acme.example"]]
    assert len(answers) == 1
    # The address was typed, so the words stand on the receipt alone.
    assert claim.receipt in answers[0].body
    assert "The mark is registered." not in answers[0].body
    assert "It is not decided yet." in client.get(f"/receipts/{claim.receipt}").content.decode()
    # The sender has no account, and learns what came of the report by the receipt and by email.
    mail.outbox.clear()
    take(desk, report, "resolve", "Renamed.")
    run_due_jobs()
    [outcome] = [message for message in mail.outbox if message.to == ["law@acme.example"]]
    assert "took action" in outcome.body
    assert claim.receipt in outcome.body
    receipt = client.get(f"/receipts/{claim.receipt}").content.decode()
    assert "they agreed and took action" in receipt
    assert f"/reports/{report.pk}" in receipt


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
    for row, studio_status in ((own, 403), (about_own, 404)):
        assert b"This concerns you." in desk.get(desk_address(row)).content
        fields = {"measure": "accept", "reason": "x", "confirmed": "yes"}
        assert desk.post(desk_address(row), fields).status_code == 403
        # Nor in the studio, where the same action decides.
        answer = desk.post(f"/studio/store/reviews/{row.task_id}", {"do": "approve"})
        assert answer.status_code == studio_status
        row.task.refresh_from_db()
        assert row.task.status == "pending"
    outsider = client_of(make_user("eve"))
    assert outsider.get(desk_address(own)).status_code in (302, 403)


def pages_of(row: StoreRequest, slug: str = "legal-notice") -> list[str]:
    """Addresses that show a request, or a part of it, to a member of the store."""
    domain = "/v1/domains/store"
    return [
        f"/studio/store/submissions/{row.pk}",
        f"/studio/store/reviews/{row.task_id}",
        f"/studio/store/items/{row.item_id}",
        f"/studio/store/items/{row.item_id}/history",
        f"{domain}/form-submissions/{row.pk}",
        f"{domain}/review-tasks/{row.task_id}",
        f"{domain}/content-items/{row.item_id}?draft=true",
        f"{domain}/content-items/{row.item_id}/versions/1",
        f"{domain}/assets/{row.item.data['evidence']['assetId']}",
    ]


LISTS = (
    "/studio/store/forms/legal-notice?show=all",
    "/studio/store/forms/legal-notice/export",
    "/studio/store/reviews",
    "/studio/store/types/legal-notices",
    "/studio/store",
    "/v1/domains/store/forms/legal-notice/submissions",
    "/v1/domains/store/forms/legal-notice/submissions.csv",
    "/v1/domains/store/review-tasks",
    "/v1/domains/store/content-types/legal-notices/items?draft=true",
)
EVENTS = {
    "/studio/store/activity": ">@eve<",
    "/v1/domains/store/audit-logs": '"eve"',
    # The desk has other events of Eve, such as that of her account.
    "/admin/audit/auditlog/": "legal-notice",
}


TRACES = ("My address.", "@eve", '"eve"', "eve@example.org")


def text_of(response: Any) -> str:
    parts = response.streaming_content if response.streaming else [response.content]
    return b"".join(parts).decode()


@pytest.fixture
def notice(coach: Agent) -> StoreRequest:
    """A notice about Ada's agent, with a file, from Eve's account."""
    eve = Actor(user=make_user("eve"), door="page")
    form = find_form(find_domain("store", eve), "legal-notice")
    data = JudgedUpload(
        io.BytesIO(b"x"), "x", "public", "text/plain; charset=utf-8", "0" * 64, 1, None, None
    )
    upload = keep_upload(form, "evidence", data, network="n", by=eve)
    evidence = {"uploadId": str(upload.pk)}
    return send("legal-notice", by=eve, agent={"agent": coach.full_id}, evidence=evidence)


def test_the_accused_learns_nothing_of_a_request(root: User, coach: Agent, notice: StoreRequest):
    grant_role(coach.owner_user, "maintainer", by=ANONYMOUS)
    accused, other = client_of(coach.owner_user), client_of(root)
    for address in pages_of(notice):
        assert (address, other.get(address).status_code) == (address, 200)
        assert (address, accused.get(address).status_code) == (address, 404)
    for address in LISTS:
        text = text_of(accused.get(address))
        assert (address, [word for word in TRACES if word in text]) == (address, [])
    for address, trace in EVENTS.items():
        for reader, is_shown in ((other, True), (accused, False)):
            assert (address, trace in text_of(reader.get(address))) == (address, is_shown)
    listing = "/admin/intake/storerequest/"
    assert "@eve" in text_of(other.get(listing))
    for address in (listing, desk_address(notice)):
        text = text_of(accused.get(address))
        assert not any(word in text for word in ("@eve", "eve@example.org", "My address."))
    assert "hidden from you" in text_of(accused.get(desk_address(notice)))
    for word in ("eve@example.org", "eve", "address"):
        assert str(notice.pk) in text_of(other.get(f"{listing}?q={word}"))
        assert str(notice.pk) not in text_of(accused.get(f"{listing}?q={word}"))


def test_a_claim_of_ones_name_is_ones_own_matter(root: User, ada: User):
    grant_role(ada, "maintainer", by=ANONYMOUS)
    claims = [send("claim-a-name", name=name) for name in (" @Ada ", "ada", "@ada/tool", "@acme")]
    accused = client_of(ada)
    texts = text_of(accused.get("/admin/intake/storerequest/"))
    assert texts.count("about a name or an agent of yours") == 2
    assert accused.get(f"/studio/store/submissions/{claims[3].pk}").status_code == 200
    fields = {"measure": "accept", "reason": "x", "confirmed": "yes"}
    statuses = [accused.post(desk_address(row), fields).status_code for row in claims[:3]]
    assert statuses == [403, 403, 403]


def test_requests_are_for_members_who_decide(root: User, notice: StoreRequest):
    store, by = find_domain("store", ANONYMOUS), Actor(user=root, door="page")
    for role, status in (("reader", 404), ("editor", 404), ("reviewer", 200)):
        user = make_user(f"store-{role}")
        invite_member(store, login=user.username, role=role, by=by)
        accept_invitation(store, by=Actor(user=user, door="page"))
        member = client_of(user)
        for address in pages_of(notice):
            assert (role, address, member.get(address).status_code) == (role, address, status)
        for address in LISTS:
            text = text_of(member.get(address))
            assert (role, address, "Personal data" in text and status == 404) == (
                role,
                address,
                False,
            )

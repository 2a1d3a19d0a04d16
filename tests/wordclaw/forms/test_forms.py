"""Forms by API: definitions, the order of checks, submissions, answers."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.core import mail
from django.test import Client, override_settings

from foundation.accounts.models import User
from foundation.actor import ANONYMOUS
from foundation.audit.models import AuditLog
from foundation.jobs.actions import run_due_jobs
from foundation.limits.actions import reset_process_counts
from foundation.limits.budgets import cpu_budget
from foundation.limits.declarations import get_limit
from foundation.limits.errors import RateLimited
from foundation.webhooks.models import Webhook, WebhookDelivery
from tests.support.http import Api, status_and_code
from tests.support.races import run_at_once
from tests.wordclaw.conftest import ALL_SCOPES, ContentApi
from tests.wordclaw.forms.conftest import CLAIM, FIELDS, form_body
from wordclaw.content.models import ContentItem
from wordclaw.content.work import CONTENT_WORK
from wordclaw.forms.models import FormDefinition, FormSubmission
from wordclaw.forms.submissions import actions as submission_actions
from wordclaw.forms.submissions.actions import submit_form
from wordclaw.forms.submissions.csv_rows import safe_cell
from wordclaw.policy.actions import find_domain

SEND = "/forms/claim/submissions"


def send(client: ContentApi, data: Any, **headers: str) -> Any:
    return client.post(SEND, {"data": data}, **headers)


WRONG_DEFAULTS = [
    {"name": "email", "type": "email", "default": 1},
    {"name": "stars", "default": "many"},
    {"name": "agrees", "default": "yes"},
    {"name": "title", "default": True},
]


def mistakes(transition: str, foreign_transition: str) -> list[tuple[dict[str, Any], int, str]]:
    """Wrong parts of a definition, each with its status and code."""
    fields = [{"name": "title"}]
    return [
        ({"fields": [{"name": "nope"}]}, 422, "form_field_not_in_schema"),
        ({"defaultData": {"nope": 1}}, 422, "form_field_not_in_schema"),
        ({"fields": [{"name": "files"}]}, 422, "form_field_unsupported"),
        ({"fields": [{"name": "stars", "type": "email"}]}, 422, "form_field_type_mismatch"),
        ({"fields": [{"name": "title", "type": "banana"}]}, 422, "form_field_type_mismatch"),
        (
            {"fields": [{"name": "level", "options": ["easy", "odd"]}]},
            422,
            "form_field_type_mismatch",
        ),
        ({"fields": fields * 2}, 422, "form_field_name_duplicate"),
        ({"defaultData": {"origin": "\0"}}, 422, "invalid_body"),
        *(({"fields": [field]}, 422, "form_field_type_mismatch") for field in WRONG_DEFAULTS),
        *(
            ({"webhookUrl": url}, 422, "form_webhook_url_unsafe")
            for url in (
                *("http://example.org/x", "https://127.0.0.1/", "https://[::1]/"),
                *("https://localhost/", "https://2130706433/", "https://a:b@example.org/", "nope"),
                "https://10.0.0.1/",
            )
        ),
        ({"requirePayment": True}, 422, "form_payment_price_missing"),
        ({"requirePayment": True, "priceSatoshis": 0}, 422, "form_payment_price_missing"),
        ({"workflowTransitionId": "x"}, 422, "form_transition_invalid"),
        ({"workflowTransitionId": foreign_transition}, 422, "form_transition_invalid"),
        (
            {"workflowTransitionId": transition, "submissionStatus": "legal"},
            422,
            "form_transition_invalid",
        ),
        ({"submissionStatus": "published"}, 422, "form_submission_status_invalid"),
        ({"submissionStatus": "No good"}, 422, "form_submission_status_invalid"),
        ({"slug": "Not A Slug"}, 422, "invalid_body"),
        ({"fields": []}, 422, "invalid_body"),
        ({"contentType": "nope"}, 404, "content_type_not_found"),
        ({"contentType": "site"}, 422, "invalid_body"),
        ({"domainId": "x"}, 422, "unknown_field"),
    ]


@pytest.mark.once
def test_a_definition_has_a_code_for_each_mistake(claims: ContentApi):
    transition = make_workflow(claims, "claims")
    claims.make_type()
    foreign_transition = make_workflow(claims, "post")
    claims.make_type("site", kind="singleton")
    cases = mistakes(transition, foreign_transition)
    for change, status, code in cases:
        answer = claims.post("/forms", form_body(**change))
        assert (change, *status_and_code(answer)) == (change, status, code)
        assert answer.json()["error"]["remediation"]
    assert not FormDefinition.objects.filter(domain__name="ada").exists()

    answer = claims.post("/forms", form_body(workflowTransitionId=transition))
    assert answer.status_code == 201
    definition = answer.json()
    assert status_and_code(claims.post("/forms", form_body())) == (409, "form_slug_conflict")
    # The same checks hold for a change, and a refused one changes nothing.
    for change, status, code in cases[:-2]:
        if "contentType" not in change:
            answer = claims.patch("/forms/claim", change)
            assert (change, *status_and_code(answer)) == (change, status, code)
    assert claims.get("/forms/claim").json() == definition


def make_workflow(content: ContentApi, slug: str, to_state: str = "published") -> str:
    workflow = content.post("/workflows", {"contentType": slug, "name": "Review"}).json()
    body = {"fromState": "draft", "toState": to_state}
    transition = content.post(f"/workflows/{workflow['id']}/transitions", body)
    return str(transition.json()["id"])


@pytest.mark.once
def test_a_form_tells_its_own_webhook_and_shows_the_secret_once(
    content: ContentApi,
    visitor: ContentApi,
    form: dict[str, Any],
    ada: User,
    key_for: Callable[..., str],
):
    content.post("/forms", form_body(slug="second"))
    hook = {"webhookUrl": "https://hooks.example.org/a"}
    answer = content.patch("/forms/claim", hook).json()
    assert answer["webhookSecret"].startswith("whsec_")
    assert "webhookSecret" not in content.get("/forms/claim").json()
    assert content.get("/forms/claim").json()["webhookUrl"] == hook["webhookUrl"]
    reader = ContentApi(content.api, key_for(ada, "content:read"))
    assert hook["webhookUrl"] not in reader.get("/forms").content.decode()
    definition = reader.get("/forms/claim").json()
    assert (definition["webhookUrl"], definition["hasWebhookSecret"]) == (None, True)
    send(visitor, {"title": "T"})
    visitor.post("/forms/second/submissions", {"data": {"title": "U"}})
    run_due_jobs()
    delivery = WebhookDelivery.objects.get()
    row = content.get(SEND).json()["items"][0]
    assert json.loads(delivery.body)["data"]["id"] == row["id"]
    assert '"T"' not in delivery.body
    # It begins as ours do, and is no base64.
    assert content.patch("/forms/claim", {"webhookSecret": "whsec_é"}).status_code == 200
    content.patch("/forms/claim", {"webhookSecret": "a text"})
    assert Webhook.objects.count() == 1
    content.patch("/forms/claim", {"webhookUrl": ""})
    assert not Webhook.objects.exists()


@pytest.mark.once
def test_changes_need_the_present_version_and_a_dry_run_stores_nothing(
    content: ContentApi, form: dict[str, Any]
):
    assert content.get("/forms/claim")["ETag"] == '"v1"'
    stale = content.patch("/forms/claim", {"name": "B"}, if_match='"v7"')
    assert status_and_code(stale) == (412, "version_conflict")
    patch = content.patch("/forms/claim", {"name": "B", "active": False}, if_match='"v1"')
    assert (patch.json()["name"], patch["ETag"]) == ("B", '"v2"')
    assert status_and_code(content.delete("/forms/claim", if_match='"v1"'))[0] == 412

    content.query = "?mode=dry_run"
    dry = content.post("/forms", form_body(slug="second"))
    assert (dry.status_code, dry.json()["id"], dry.json()["dryRun"]) == (200, None, True)
    assert content.delete("/forms/claim").json()["dryRun"] is True
    content.query = ""
    assert [row["slug"] for row in content.get("/forms").json()["items"]] == ["claim"]

    assert content.delete("/forms/claim").json() == {"ok": True}
    assert status_and_code(content.get("/forms/claim")) == (404, "form_not_found")
    # The slug is free again.
    assert content.post("/forms", form_body()).status_code == 201


@pytest.mark.once
def test_submissions_are_checked_in_the_order_of_the_contract(
    content: ContentApi, visitor: ContentApi, form: dict[str, Any]
):
    for data, code, names in [
        ({"title": " ", "origin": "me", "x": 1}, "form_submission_unknown_fields", ["origin", "x"]),
        ({"title": " \n", "stars": 99}, "form_submission_required_field_missing", ["title"]),
        ({}, "form_submission_required_field_missing", ["title"]),
        ({"title": "T", "stars": 99}, "content_schema_validation_failed", None),
        ({"title": "T", "stars": "many"}, "content_schema_validation_failed", None),
        ({"title": "T" * 41}, "content_schema_validation_failed", None),
        ({"title": "T", "email": "nobody"}, "content_schema_validation_failed", None),
        ({"title": {"a": 1}}, "content_schema_validation_failed", None),
        ({"title": "T", "level": "odd"}, "content_schema_validation_failed", None),
    ]:
        answer = send(visitor, data)
        assert (data, *status_and_code(answer)) == (data, 422, code)
        if names:
            assert answer.json()["error"]["details"]["fields"] == names
    for body in ({}, {"data": []}, {"data": "x"}, {"data": {}, "status": "published"}):
        assert visitor.post(SEND, body).status_code == 422
    assert not ContentItem.objects.filter(domain__name="ada").exists()

    # Payment comes before the fields, and an inactive form before everything.
    content.patch("/forms/claim", {"requirePayment": True, "priceSatoshis": 5})
    assert status_and_code(send(visitor, {"x": 1})) == (503, "payment_provider_unavailable")
    content.patch("/forms/claim", {"active": False})
    assert status_and_code(send(visitor, {"x": 1})) == (404, "form_not_found")
    assert status_and_code(visitor.get("/forms/claim/contract")) == (404, "form_not_found")


def test_form_of_a_domain_without_active_members_is_closed(
    form: dict[str, Any], visitor: ContentApi
):
    assert visitor.get("/forms/claim/contract").status_code == 200

    User.objects.filter(username="ada").update(is_active=False)

    assert status_and_code(visitor.get("/forms/claim/contract")) == (404, "form_not_found")
    assert status_and_code(send(visitor, {"title": "T"})) == (404, "form_not_found")


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """The limits of submissions by name, which a test changes."""
    limits: dict[str, int] = {}
    monkeypatch.setattr(
        submission_actions,
        "get_limit",
        lambda name: replace(get_limit(name), max_units=limits.get(name, 1000)),
    )
    return limits


@override_settings(LIMITS_ON=True)
def test_a_flood_is_refused_by_network_then_set_apart_then_refused(
    content: ContentApi, visitor: ContentApi, form: dict[str, Any], small_limits: dict[str, int]
):
    limits = small_limits
    limits |= {"form": 5, "form_sent": 3, "form_flood": 4, "form_ceiling": 6}
    # What is refused uses up no place among what is stored.
    assert send(visitor, {"x": 1}).status_code == 422
    for number in range(3):
        # As in another process, each time.
        reset_process_counts()
        assert send(visitor, {"title": f"T{number}"}).status_code == 201
    # Refused before the fields are looked at.
    assert status_and_code(send(visitor, {"x": 1})) == (429, "rate_limited")
    limits["form_sent"] = 100
    reset_process_counts()
    codes = [send(visitor, {"title": f"U{number}"}).status_code for number in range(4)]
    assert codes == [201, 201, 201, 429]
    # A person has a way to send it now.
    assert "Sign in" in send(visitor, {"title": "P"}).json()["error"]["message"]
    apart = FormSubmission.objects.filter(is_set_apart=True)
    assert apart.count() == 2
    # People with an account are never part of a flood.
    assert send(content, {"title": "Person"}).status_code == 201
    rows = content.get(f"{SEND}?show=open").json()["items"]
    assert [row["data"]["title"] for row in rows][:1] == ["Person"]
    assert len(rows) == 5
    answer = content.post(f"/form-submissions/{apart.first().pk}/take-in")
    assert answer.json()["setApart"] is False
    assert apart.count() == 1


def test_a_submission_makes_a_draft_a_task_an_event_and_a_receipt(
    content: ContentApi, visitor: ContentApi, stranger: ContentApi, form: dict[str, Any]
):
    transition = make_workflow(content, "claims")
    content.patch("/forms/claim", {"workflowTransitionId": transition})
    answer = send(visitor, {"title": " T ", "email": "a@example.org", "stars": 2, "level": ""})
    assert answer.status_code == 201
    body = answer.json()
    assert body.keys() == {"receipt", "successMessage", "reviewTaskId"}
    task = content.get(f"/review-tasks/{body['reviewTaskId']}").json()
    row = content.get(SEND).json()["items"][0]
    assert (task["source"], task["sourceEventId"], task["status"]) == ("form", row["id"], "pending")
    assert (task["submitter"], task["fromState"], task["stale"]) == (None, "draft", False)
    assert row["data"] == {
        "title": " T ",
        "email": "a@example.org",
        "stars": 2,
        "origin": "web",
    }
    item = content.get(f"/content-items/{row['contentItemId']}?draft=true").json()
    assert (item["status"], item["publicationState"]) == ("in_review", "draft")
    assert content.get(f"/content-items/{row['contentItemId']}").status_code == 404
    assert AuditLog.objects.filter(action="form.submitted", tenant="ada").count() == 1
    # What is submitted is seen by members alone.
    for path in (SEND, f"{SEND}.csv", f"/form-submissions/{row['id']}", "/forms/claim"):
        assert [c.get(path).status_code for c in (visitor, stranger)] == [401, 404]
    assert visitor.get("/forms/claim/contract").json()["fields"][0]["name"] == "title"
    assert "origin" not in visitor.get("/forms/claim/contract").content.decode()
    content.patch("/forms/claim", {"publicRead": False, "signInRequired": True})
    assert visitor.get("/forms/claim/contract").status_code == 404
    assert status_and_code(send(visitor, {"x": 1})) == (401, "unauthorized")
    assert send(stranger, {"title": "S"}).status_code == 201


@pytest.mark.once
def test_a_repeated_key_gets_the_first_receipt_and_a_dry_run_none(
    visitor: ContentApi, stranger: ContentApi, form: dict[str, Any]
):
    first = send(visitor, {"title": "T"}, idempotency_key="k")
    again = send(visitor, {"title": "T"}, idempotency_key="k")
    assert (again.status_code, again.json()) == (201, first.json())
    assert again["Idempotent-Replayed"] == "true"
    reused = send(visitor, {"title": "U"}, idempotency_key="k")
    assert status_and_code(reused) == (422, "idempotency_key_reused")
    assert send(stranger, {"title": "T"}, idempotency_key="k").json() != first.json()
    visitor.query = "?mode=dry_run"
    dry = send(visitor, {"title": "T"})
    assert (dry.status_code, dry.json()["receipt"], dry.json()["dryRun"]) == (200, None, True)
    assert status_and_code(send(visitor, {}))[0] == 422
    assert FormSubmission.objects.count() == 2


def test_an_answer_reaches_the_address_that_was_given(
    content: ContentApi, visitor: ContentApi, stranger: ContentApi, form: dict[str, Any], ada: User
):
    send(visitor, {"title": "T", "email": "ann@example.org"})
    row = content.get(SEND).json()["items"][0]
    run_due_jobs()
    # Ada is told of the first of an hour, and not of the next.
    assert [m.to for m in mail.outbox] == [[ada.email]]
    mail.outbox.clear()
    send(stranger, {"title": "U"})
    path = f"/form-submissions/{row['id']}/answers"
    assert status_and_code(content.post(path, {"body": "  "})) == (422, "invalid_body")
    assert status_and_code(stranger.post(path, {"body": "x"}))[0] == 404
    assert content.post(path, {"body": "Here you are."}).status_code == 201
    run_due_jobs()
    assert [m.to for m in mail.outbox] == [["ann@example.org"]]
    receipt = FormSubmission.objects.get(pk=row["id"]).receipt
    # Whose address was typed is not known, so the publisher's words are at the receipt alone.
    assert "Here you are." not in mail.outbox[0].body
    assert receipt in mail.outbox[0].body
    detail = content.get(f"/form-submissions/{row['id']}").json()
    assert detail["answers"][0]["author"] == "ada"
    assert [len(content.get(f"{SEND}?show={s}").json()["items"]) for s in ("open", "done")] == [
        1,
        1,
    ]
    assert status_and_code(content.get(f"{SEND}?show=x")) == (400, "invalid_parameter")


@pytest.mark.once
def test_answers_mail_no_stranger_in_a_loop_and_strangers_leave_a_third_of_the_budget(
    content: ContentApi,
    visitor: ContentApi,
    form: dict[str, Any],
    limits_on: None,
    monkeypatch: pytest.MonkeyPatch,
):
    send(visitor, {"title": "T", "email": "victim@example.org"})
    row = content.get(SEND).json()["items"][0]
    run_due_jobs()
    mail.outbox.clear()
    for _ in range(5):
        answer = content.post(f"/form-submissions/{row['id']}/answers", {"body": "Buy now."})
        assert answer.status_code == 201
    run_due_jobs()
    assert [m.to for m in mail.outbox] == 3 * [["victim@example.org"]]

    budget = cpu_budget(CONTENT_WORK)
    monkeypatch.setattr(budget, "rate", 1.0)
    budget.remaining_seconds = budget.capacity / 10
    assert status_and_code(send(visitor, {"title": "T"})) == (429, "rate_limited")
    assert send(content, {"title": "T"}).status_code == 201


@pytest.mark.once
def test_the_export_is_no_program_for_a_spreadsheet(
    content: ContentApi, visitor: ContentApi, form: dict[str, Any]
):
    attacks = ["=1+1", "+1", "-1", "@x", "\t=1", "\uff1d1", " =1", 'a,"b"\nc']
    for title in attacks:
        assert send(visitor, {"title": title, "stars": 3}).status_code == 201
    answer = content.get(f"{SEND}.csv")
    lines = b"".join(answer.streaming_content).decode()
    assert answer["Content-Type"].startswith("text/csv")
    assert lines.startswith("\ufeffsubmitted,submission,login,email,state,title")
    for title in attacks[:-1]:
        assert f"'{title}" in lines.replace('"', "")
    assert '"a,""b""\nc"' in lines
    # Spreadsheets with semicolons know no quotes after a comma: the text is cells and lines there.
    for title, safe_title in [
        ("a;=1", "a;'=1"),
        ("a\r\n@x\n\n-1", "a\n'@x\n\n'-1"),
        ('a;"=1', "a;'\"=1"),
    ]:
        assert safe_cell(title.replace("\r\n", "\n")) == safe_title
    assert safe_cell("a; b, -c") == "a; b, -c"
    assert ",3,\r\n" in lines


@pytest.mark.once
def test_forms_of_another_domain_do_not_exist(
    content: ContentApi, stranger: ContentApi, visitor: ContentApi, form: dict[str, Any]
):
    send(visitor, {"title": "T"})
    row = content.get(SEND).json()["items"][0]
    content.base = "/v1/domains/grace"
    stranger.base = "/v1/domains/grace"
    assert status_and_code(send(stranger, {"title": "T"})) == (404, "form_not_found")
    assert stranger.get(f"/form-submissions/{row['id']}").status_code == 404
    answer = stranger.post(f"/form-submissions/{row['id']}/answers", {"body": "x"})
    assert status_and_code(answer) == (404, "form_submission_not_found")
    assert status_and_code(stranger.post("/forms", form_body()))[0] == 404
    assert FIELDS[0]["name"] == "title"


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_key_sent_twice_at_once_makes_one_submission(ada: User, key_for: Callable[..., str]):
    content = ContentApi(Api(Client()), key_for(ada, *ALL_SCOPES))
    content.make_type("claims", schemaManifest=CLAIM)
    assert content.post("/forms", form_body()).status_code == 201

    def submit() -> Any:
        visitor = ContentApi(Api(Client()), "")
        return send(visitor, {"title": "T"}, idempotency_key="k")

    answers = run_at_once([submit] * 4)

    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
    assert FormSubmission.objects.count() == 1


@pytest.mark.once
@override_settings(LIMITS_ON=True)
def test_robots_of_many_networks_bury_nobody(
    content: ContentApi, stranger: ContentApi, form: dict[str, Any], small_limits: dict[str, int]
):
    domain = find_domain("ada", ANONYMOUS)
    small_limits |= {"form": 6, "form_sent": 6, "form_flood": 10, "form_ceiling": 25}
    stored_count = 0
    for number in range(300):
        try:
            submit_form(domain, "claim", {"title": "Buy"}, network=f"n{number % 100}", by=ANONYMOUS)
            stored_count += 1
        except RateLimited:
            continue
    assert send(stranger, {"title": "A person"}).status_code == 201

    rows = content.get(f"{SEND}?show=open&limit=1").json()["items"]
    assert rows[0]["data"]["title"] == "A person"
    apart = FormSubmission.objects.filter(is_set_apart=True).count()
    assert (stored_count, apart) == (25, 15)
    assert AuditLog.objects.filter(action="form.submitted").count() == 11

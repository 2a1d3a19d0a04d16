"""Feedback from outside: by members, by tokens, on items and on agents."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from foundation.accounts.models import User
from foundation.actor import ANONYMOUS
from foundation.clock import now
from foundation.jobs.actions import run_due_jobs
from foundation.limits.declarations import get_limit
from foundation.webhooks.models import WebhookDelivery
from registry.models import Agent
from tests.support.http import status_and_code
from tests.support.races import run_at_once
from tests.wordclaw.conftest import ALL_SCOPES, ContentApi
from wordclaw.feedback import actions as feedback_actions
from wordclaw.feedback.actions import FeedbackText, give_feedback
from wordclaw.feedback.errors import FeedbackTokenInvalid
from wordclaw.feedback.limits import LINK
from wordclaw.feedback.models import ExternalFeedback, FeedbackToken

ANN = {"actorId": "ann-1", "displayName": "Ann", "email": "ann@example.org", "source": "portal"}
PUBLIC = "/v1/public/external-feedback"


@pytest.fixture
def text(content: ContentApi) -> dict[str, Any]:
    """A published item with a newer draft: published 2, working copy 3."""
    content.make_type()
    item = content.publish(content.make_item(data={"title": "Live"}))
    content.patch(f"/content-items/{item['id']}", {"data": {"title": "Draft"}})
    return item


def issue(content: ContentApi, item: dict[str, Any], **body: Any) -> str:
    path = f"/content-items/{item['id']}/external-feedback-token"
    answer = content.post(path, {"submitter": ANN} | body)
    assert answer.status_code == 201, answer.content
    assert answer.json().keys() == {"id", "token", "path", "expiresAt"}
    return str(answer.json()["token"])


def give(client: ContentApi, token: str, **body: Any) -> Any:
    return client.post(PUBLIC, body, x_feedback_token=token)


@pytest.mark.once
def test_members_record_feedback_with_a_code_for_each_mistake(
    content: ContentApi, text: dict[str, Any]
):
    path = f"/content-items/{text['id']}/external-feedback"
    for body, status, code in [
        ({}, 400, "external_feedback_empty"),
        ({"comment": " \n"}, 400, "external_feedback_empty"),
        (
            {"comment": "x", "refinementMode": "agent_direct"},
            400,
            "external_feedback_prompt_required",
        ),
        ({"decision": "perhaps"}, 422, "invalid_body"),
        ({"comment": "x" * 4001}, 422, "invalid_body"),
        ({"comment": "x", "submitter": {"actorId": ""}}, 422, "invalid_body"),
        ({"comment": "x", "version": 3}, 422, "unknown_field"),
    ]:
        answer = content.post(path, {"submitter": ANN} | body)
        assert (body, *status_and_code(answer)) == (body, status, code)
    draft = content.make_item(data={"title": "Never live"})
    answer = content.post(
        f"/content-items/{draft['id']}/external-feedback", {"submitter": ANN, "comment": "x"}
    )
    assert status_and_code(answer) == (409, "feedback_requires_published_snapshot")

    accepted_answer = content.post(path, {"submitter": ANN, "decision": "accepted"}).json()
    assert accepted_answer["reviewTask"] is None
    answer = content.post(
        path, {"submitter": ANN, "decision": "changes_requested", "comment": "Shorter."}
    )
    event, task = answer.json()["event"], answer.json()["reviewTask"]
    assert (event["publishedVersion"], event["actorType"]) == (2, "external_requester")
    assert (task["source"], task["sourceEventId"]) == ("external_feedback", event["id"])
    assert event["reviewTaskId"] == task["id"]
    assert len(content.get(path).json()["items"]) == 2
    # The decision is not about the text, which stays as it is.
    for live in (True, False):
        decision = "approved" if live else "rejected"
        answer = content.post(
            f"/review-tasks/{task['id']}/decide", {"decision": decision, "reason": "Yes."}
        )
        assert answer.status_code == (200 if live else 409)
    item = content.get(f"/content-items/{text['id']}?draft=true").json()
    assert (item["version"], item["publishedVersion"], item["status"]) == (3, 2, "draft")


def test_a_token_gives_feedback_on_the_version_that_it_shows(
    content: ContentApi, visitor: ContentApi, stranger: ContentApi, text: dict[str, Any]
):
    token = issue(content, text)
    question = visitor.get(PUBLIC, x_feedback_token=token).json()
    assert (question["publishedVersion"], question["data"]) == (2, {"title": "Live"})
    # A newer version goes live; the person has seen the former.
    content.publish(text)
    answer = give(visitor, token, decision="changes_requested", comment="Longer.")
    assert answer.status_code == 201
    assert answer.json()["event"]["publishedVersion"] == 2
    assert answer.json()["event"]["actorId"] == "ann-1"
    for body, status, code in [
        ({"comment": "x", "submitter": ANN}, 422, "unknown_field"),
        (
            {"comment": "x", "prompt": "y", "refinementMode": "agent_direct"},
            403,
            "agent_direct_forbidden",
        ),
        ({}, 400, "external_feedback_empty"),
    ]:
        assert status_and_code(give(visitor, token, **body)) == (status, code)
    # A dry run uses nothing up, and neither does a refusal.
    once = issue(content, text, uses=1)
    visitor.query = "?mode=dry_run"
    assert give(visitor, once, comment="x").json()["dryRun"] is True
    visitor.query = ""
    assert give(visitor, once).status_code == 400
    assert give(visitor, once, comment="x").status_code == 201
    row = FeedbackToken.objects.latest("created_at")
    answers = [give(visitor, value, comment="x") for value in ("", "fb_x", once)]
    FeedbackToken.objects.filter(pk=row.pk).update(max_uses=None, expires_at=now())
    answers.append(give(visitor, once, comment="x"))
    listing = content.get("/external-feedback-tokens").json()["items"]
    assert token not in str(listing)
    path = f"/external-feedback-tokens/{listing[1]['id']}"
    assert stranger.delete(path).status_code == 404
    assert [content.delete(path).json() for _ in range(2)] == [{"ok": True}] * 2
    answers.append(give(visitor, token, comment="x"))
    codes = [status_and_code(answer) for answer in answers]
    assert codes == [(401, "feedback_token_invalid")] * 5
    assert all(answer.json()["error"]["remediation"] for answer in answers)
    for body in ({"ttlSeconds": 59}, {"ttlSeconds": 2592001}, {"uses": 0}):
        answer = content.post(
            f"/content-items/{text['id']}/external-feedback-token", {"submitter": ANN} | body
        )
        assert status_and_code(answer) == (422, "invalid_body")


def test_people_behind_one_address_have_idempotency_keys_of_their_own(
    content: ContentApi, visitor: ContentApi, text: dict[str, Any]
):
    tokens = [issue(content, text, submitter=ANN | {"actorId": name}) for name in ("ann", "bob")]

    answers = [
        visitor.post(PUBLIC, {"decision": "accepted"}, x_feedback_token=token, idempotency_key="1")
        for token in tokens
    ]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert {event.actor_id for event in ExternalFeedback.objects.all()} == {"ann", "bob"}


def test_an_agent_may_be_instructed_where_the_token_says_so(
    content: ContentApi, visitor: ContentApi, text: dict[str, Any], coach: Agent, ada: User
):
    key_of_webhooks = content.post(
        "/forms", {"name": "x", "slug": "x", "contentType": "post", "fields": [{"name": "title"}]}
    )
    assert key_of_webhooks.status_code == 201
    from foundation.webhooks.actions import create_webhook

    create_webhook("ada", url="https://a.example.org/", events=["*"], by=ANONYMOUS)
    token = issue(content, text, allowAgentDirect=True)
    answer = give(visitor, token, prompt="Use short words.", refinementMode="agent_direct")
    assert answer.json()["reviewTask"]["source"] == "external_feedback"
    run_due_jobs()
    bodies = list(WebhookDelivery.objects.values_list("body", flat=True))
    messages = [body for body in bodies if "content_item.revision_requested" in body]
    assert len(messages) == 1
    assert answer.json()["event"]["id"] in messages[0]
    assert text["id"] in messages[0]

    # The same for an agent of the publisher.
    subject = {"subjectType": "agent", "subjectId": coach.full_id, "submitter": ANN}
    link = content.post("/external-feedback-token", subject | {"allowAgentDirect": True}).json()
    answer = give(visitor, link["token"], decision="changes_requested", comment="Be kinder.")
    event, task = answer.json()["event"], answer.json()["reviewTask"]
    assert (event["publishedVersion"], event["contentItemId"]) == ("1.0.0", None)
    assert (task["subjectId"], task["contentItemId"]) == (coach.full_id, None)
    decision = content.post(f"/review-tasks/{task['id']}/decide", {"decision": "approved"})
    assert decision.json()["status"] == "approved"
    for other in ("@grace/x", "@ada/none", "x"):
        answer = content.post("/external-feedback-token", subject | {"subjectId": other})
        assert status_and_code(answer) == (404, "feedback_subject_not_found")
    listing = content.get(f"/external-feedback?subjectType=agent&subjectId={coach.full_id}")
    assert [row["id"] for row in listing.json()["items"]] == [event["id"]]


def test_the_page_of_a_link_shows_the_version_and_takes_an_answer(
    content: ContentApi, client: Client, text: dict[str, Any], coach: Agent
):
    token = issue(content, text, uses=2)
    page = client.get(f"/feedback/{token}")
    assert page.status_code == 200
    body = page.content.decode()
    assert "Live" in body
    assert "Draft" not in body.replace("Draft preview", "")
    assert page.headers["Referrer-Policy"] == "same-origin"
    empty = client.post(f"/feedback/{token}", {"decision": "changes_requested"})
    assert (empty.status_code, ExternalFeedback.objects.count()) == (422, 0)
    answer = client.post(
        f"/feedback/{token}", {"decision": "changes_requested", "comment": "Say <why>."}
    )
    assert answer.status_code == 302
    event = ExternalFeedback.objects.get()
    reason = {"decision": "rejected", "reason": "It is fine."}
    content.post(f"/review-tasks/{event.task_id}/decide", reason)
    body = client.get(f"/feedback/{token}").content.decode()
    assert "Say &lt;why&gt;." in body
    assert "It is fine." in body
    client.post(f"/feedback/{token}", {"decision": "accepted"})
    assert "This link was for one answer." in client.get(f"/feedback/{token}").content.decode()
    assert client.post(f"/feedback/{token}", {"decision": "accepted"}).status_code == 401
    assert client.get("/feedback/fb_nothing").status_code == 401


def test_other_domains_do_not_see_feedback(
    content: ContentApi, stranger: ContentApi, text: dict[str, Any]
):
    path = f"/content-items/{text['id']}/external-feedback"
    event = content.post(path, {"submitter": ANN, "comment": "x"}).json()["event"]
    stranger.base = "/v1/domains/grace"
    assert stranger.get(f"/external-feedback/{event['id']}").status_code == 404
    assert stranger.get(path).json() == {"items": []}
    answer = stranger.post(path, {"submitter": ANN, "comment": "x"})
    assert status_and_code(answer) == (404, "content_item_not_found")


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_token_for_one_use_is_used_once_by_many_at_once(
    api: Any, ada: User, key_for: Callable[..., str]
):
    content = ContentApi(api, key_for(ada, *ALL_SCOPES))
    content.make_type()
    token = issue(content, content.publish(content.make_item()), uses=1)

    def use() -> Any:
        return give_feedback(token, FeedbackText(comment="x"), network="n", by=ANONYMOUS)

    results = run_at_once([use] * 8)

    assert [isinstance(result, ExternalFeedback) for result in results].count(True) == 1
    losers = [result for result in results if not isinstance(result, ExternalFeedback)]
    assert all(isinstance(result, FeedbackTokenInvalid) for result in losers)
    assert ExternalFeedback.objects.count() == 1


@pytest.mark.once
def test_public_feedback_link_does_not_flood_the_reviews(
    content: ContentApi, visitor: ContentApi, settings: Any, monkeypatch: pytest.MonkeyPatch
):
    settings.LIMITS_ON = True
    units = {LINK: 1, "feedback": 30}
    monkeypatch.setattr(
        feedback_actions,
        "get_limit",
        lambda name: replace(get_limit(name), max_units=units[name]),
    )
    content.make_type()
    item = content.publish(content.make_item())
    body = {"submitter": {"actorId": "ann"}}
    path = f"/content-items/{item['id']}/external-feedback-token"
    first, second = (content.post(path, body).json()["token"] for _ in range(2))
    answers = [
        visitor.post(
            "/v1/public/external-feedback", {"comment": "x"}, **{"X-Feedback-Token": token}
        )
        for token in (first, first, second)
    ]
    assert [answer.status_code for answer in answers] == [201, 429, 201]

"""Each write of sections 4 to 6 with its effect: keys, dry runs, versions, limits.

`test_every_endpoint` sends every endpoint what it refuses. Here each succeeds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps

from foundation.accounts.models import User
from foundation.jobs.models import Job, JobStatus
from registry.models import Agent
from tests.support.http import Api, status_and_code
from tests.support.openapi import operations
from tests.support.rolled_back import rolled_back
from tests.wordclaw.conftest import ALL_SCOPES, ContentApi
from wordclaw.forms.models import FormSubmission

pytestmark = pytest.mark.once
AREAS = {"workflows", "reviews of content", "forms", "feedback", "webhooks", "jobs", "following"}
# Read bodies in parts, after which the key is read: tests/wordclaw/forms/test_files.py.
ELSEWHERE = {"POST /v1/domains/{domain}/forms/{slug}/uploads"}
DOMAIN = "/v1/domains/ada"
ANN = {"actorId": "ann"}
SCHEDULE = {"action": "publish", "runAt": "2030-01-01T00:00:00Z"}
# Rows that say that a request came, not what it did.
UNCOUNTED = {"IdempotentRequest", "LimitCounter", "ApiKey", "Session", "PolicyDecision"}


@dataclass(frozen=True)
class Write:
    """A request that succeeds: path, body, another body, and an old version or none."""

    path: str
    body: Any = None
    other_body: Any = None
    has_version: bool = False
    headers: tuple[tuple[str, str], ...] = ()


@pytest.fixture
def writes(content: ContentApi, visitor: ContentApi, coach: Agent) -> dict[str, Write]:
    """Each write of these areas, with what it needs."""

    def make(path: str, body: Any = None) -> Any:
        answer = content.post(path, body)
        assert answer.status_code in (200, 201, 202), (path, answer.content)
        return answer.json()

    content.make_type()
    content.make_type("note", visibility="public")
    note, planned = content.publish(content.make_item("note")), content.make_item("note")
    workflow = make("/workflows", {"contentType": "post", "name": "Editing"})
    transitions = f"/workflows/{workflow['id']}/transitions"
    transition = make(transitions, {"fromState": "draft", "toState": "published"})
    submitted, claimed, draft = content.make_item(), content.make_item(), content.make_item()
    tasks = [
        make(f"/content-items/{row['id']}/submit", {"to": "published"})
        for row in (submitted, claimed)
    ]
    make(f"/review-tasks/{tasks[1]['id']}/claim")
    comments = f"/content-items/{note['id']}/comments"
    open_comment, done_comment = make(comments, {"body": "A"}), make(comments, {"body": "B"})
    make(f"{comments}/{done_comment['id']}/resolve")
    form = {"name": "F", "slug": "f", "contentType": "note", "fields": [{"name": "title"}]}
    make("/forms", form)
    make("/forms", form | {"slug": "unsent"})
    for title in ("One", "Two"):
        make("/forms/f/submissions", {"data": {"title": title}})
    first, second = FormSubmission.objects.order_by("created_at")
    FormSubmission.objects.filter(pk=second.pk).update(is_set_apart=True)
    token = make(f"/content-items/{note['id']}/external-feedback-token", {"submitter": ANN})
    hook = make("/webhooks", {"url": "https://hooks.example.org/a", "events": ["*"]})
    delivery = make(f"/webhooks/{hook['id']}/test")
    jobs = [make(f"/content-items/{planned['id']}/schedule", SCHEDULE) for _ in range(2)]
    Job.objects.filter(pk=jobs[1]["id"]).update(status=JobStatus.FAILED)
    agent = {"subjectType": "agent", "subjectId": coach.full_id, "submitter": ANN}
    item, task = f"{DOMAIN}/content-items", f"{DOMAIN}/review-tasks"
    webhook, workflows = f"{DOMAIN}/webhooks/{hook['id']}", f"{DOMAIN}/workflows/{workflow['id']}"
    follow = f"/v1/following/agent/{coach.full_id}"
    decision = {"decision": "approved"}
    transition_body = {"fromState": "draft", "toState": "archived"}
    return {
        "create_workflow": Write(
            f"{DOMAIN}/workflows", {"contentType": "note", "name": "N"}, {"name": "M"}
        ),
        "change_workflow": Write(workflows, {"name": "New"}, {"name": "Newer"}),
        "delete_workflow": Write(workflows),
        "add_transition": Write(f"{workflows}/transitions", transition_body, {"toState": "draft"}),
        "remove_transition": Write(f"{workflows}/transitions/{transition['id']}"),
        "submit_for_review": Write(
            f"{item}/{draft['id']}/submit", {"to": "published"}, {"to": "legal"}, True
        ),
        "claim_review_task": Write(f"{task}/{tasks[0]['id']}/claim"),
        "release_review_task": Write(f"{task}/{tasks[1]['id']}/release"),
        "decide_review_task": Write(
            f"{task}/{tasks[0]['id']}/decide", decision, decision | {"reason": "x"}, True
        ),
        "add_comment": Write(f"{DOMAIN}{comments}", {"body": "C"}, {"body": "D"}),
        "resolve_comment": Write(f"{DOMAIN}{comments}/{open_comment['id']}/resolve"),
        "reopen_comment": Write(f"{DOMAIN}{comments}/{done_comment['id']}/reopen"),
        "create_form": Write(f"{DOMAIN}/forms", form | {"slug": "g"}, form | {"slug": "h"}),
        "change_form": Write(f"{DOMAIN}/forms/f", {"name": "G"}, {"name": "H"}, True),
        "delete_form": Write(f"{DOMAIN}/forms/unsent", has_version=True),
        "submit_form": Write(
            f"{DOMAIN}/forms/f/submissions", {"data": {"title": "x"}}, {"data": {"title": "y"}}
        ),
        "answer_submission": Write(
            f"{DOMAIN}/form-submissions/{first.pk}/answers", {"body": "x"}, {"body": "y"}
        ),
        "take_in_submission": Write(f"{DOMAIN}/form-submissions/{second.pk}/take-in"),
        "record_feedback": Write(
            f"{item}/{note['id']}/external-feedback",
            {"submitter": ANN, "decision": "changes_requested", "comment": "x"},
            {"submitter": ANN, "comment": "y"},
        ),
        "issue_feedback_token": Write(
            f"{item}/{note['id']}/external-feedback-token",
            {"submitter": ANN},
            {"submitter": ANN, "uses": 2},
        ),
        "record_feedback_on_agent": Write(
            f"{DOMAIN}/external-feedback", agent | {"comment": "x"}, agent | {"comment": "y"}
        ),
        "issue_feedback_token_of_agent": Write(
            f"{DOMAIN}/external-feedback-token", agent, agent | {"uses": 2}
        ),
        "revoke_feedback_token": Write(f"{DOMAIN}/external-feedback-tokens/{token['id']}"),
        "give_feedback": Write(
            "/v1/public/external-feedback",
            {"decision": "changes_requested", "comment": "x"},
            {"decision": "accepted"},
            headers=(("x_feedback_token", token["token"]),),
        ),
        "create_webhook": Write(
            f"{DOMAIN}/webhooks",
            {"url": "https://hooks.example.org/b", "events": ["*"]},
            {"url": "https://hooks.example.org/c", "events": ["*"]},
        ),
        "change_webhook": Write(webhook, {"active": False}, {"active": True}, True),
        "delete_webhook": Write(webhook, has_version=True),
        "rotate_webhook_secret": Write(f"{webhook}/rotate-secret", has_version=True),
        "test_webhook": Write(f"{webhook}/test"),
        "redeliver": Write(f"{webhook}/deliveries/{delivery['id']}/redeliver"),
        "schedule_content_item": Write(
            f"{item}/{planned['id']}/schedule", SCHEDULE, SCHEDULE | {"action": "archive"}
        ),
        "cancel_job": Write(f"{DOMAIN}/jobs/{jobs[0]['id']}/cancel"),
        "retry_job": Write(f"{DOMAIN}/jobs/{jobs[1]['id']}/retry"),
        "put_follow": Write(follow, {"byMail": False}, {"byMail": True}),
        "delete_follow": Write(follow),
    }


def methods() -> dict[str, str]:
    """The method of each write of these areas by its operation."""
    return {
        operation["operationId"]: method.upper()
        for method, path, operation in operations()
        if method != "get"
        and AREAS & set(operation["tags"])
        and f"{method.upper()} {path}" not in ELSEWHERE
    }


def rows() -> dict[str, list[dict[str, Any]]]:
    """Every stored row, by model."""
    models = [model for model in apps.get_models() if model.__name__ not in UNCOUNTED]
    return {model._meta.label: list(model.objects.order_by("pk").values()) for model in models}


def problems_of(client: ContentApi, method: str, write: Write) -> list[str]:
    headers = dict(write.headers)
    before = rows()

    def send(body: Any = write.body, *, query: str = "", **more: str) -> Any:
        return client.send(method, write.path + query, body, **headers, **more)

    problems = []
    dry_run = send(query="?mode=dry_run")
    if (dry_run.status_code, dry_run.json().get("dryRun"), rows() == before) != (200, True, True):
        problems.append(f"dry run: {dry_run.status_code} {dry_run.content[:200]!r}")
    code = (412, "version_conflict") if write.has_version else (400, "if_match_unsupported")
    stale = send(if_match='"v99"')
    if status_and_code(stale) != code or rows() != before:
        problems.append(f"old version: {status_and_code(stale)}")
    first = send(idempotency_key="k")
    after = rows()
    second = send(idempotency_key="k")
    if first.status_code // 100 != 2:
        problems.append(f"first: {first.status_code} {first.content[:200]!r}")
    if second.content != first.content or second.headers.get("Idempotent-Replayed") != "true":
        problems.append(f"second: {second.status_code} {second.content[:200]!r}")
    if rows() != after:
        problems.append("second effect")
    if after == before and method != "DELETE":
        problems.append("no effect")
    other = send(write.other_body or {"x": 1}, idempotency_key="k")
    if status_and_code(other) != (422, "idempotency_key_reused") or rows() != after:
        problems.append(f"other body: {status_and_code(other)}")
    return problems


def test_each_write_has_one_effect_and_none_as_a_dry_run(
    api: Api, writes: dict[str, Write], ada: User, key_for: Callable[..., str]
):
    client = ContentApi(api, key_for(ada, *ALL_SCOPES, "following:write"))
    by_operation = methods()
    assert by_operation.keys() == writes.keys()
    problems = {}
    for operation, method in by_operation.items():
        write = writes[operation]
        # A link is the credential of people without an account.
        sender = ContentApi(api, "") if write.headers else client
        with rolled_back():
            if found := problems_of(sender, method, write):
                problems[operation] = found
    assert problems == {}

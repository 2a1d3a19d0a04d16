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
FORM = {"name": "F", "slug": "f", "contentType": "note", "fields": [{"name": "title"}]}
HOOKS = "https://hooks.example.org"
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


@dataclass
class Stage:
    """The subjects of the writes: IDs by name."""

    content: ContentApi
    ids: dict[str, str]

    def make(self, name: str, path: str, body: Any = None) -> dict[str, Any]:
        answer = self.content.post(path, body)
        assert answer.status_code in (200, 201, 202), (path, answer.content)
        row: dict[str, Any] = answer.json()
        self.ids[name] = row.get("id", "")
        return row


@pytest.fixture
def stage(content: ContentApi, coach: Agent) -> Stage:
    content.make_type()
    content.make_type("note", visibility="public")
    stage = Stage(content, {"agent": coach.full_id})
    add_reviews(stage)
    note = content.publish(content.make_item("note"))
    stage.ids["note"] = note["id"]
    add_comments(stage)
    add_forms(stage)
    path = f"/content-items/{note['id']}/external-feedback-token"
    stage.ids["secret"] = stage.make("token", path, {"submitter": ANN})["token"]
    hook = stage.make("hook", "/webhooks", {"url": f"{HOOKS}/a", "events": ["*"]})
    stage.make("delivery", f"/webhooks/{hook['id']}/test")
    scheduled_item = stage.ids["scheduled"] = content.make_item("note")["id"]
    for name in ("job", "failed_job"):
        stage.make(name, f"/content-items/{scheduled_item}/schedule", SCHEDULE)
    Job.objects.filter(pk=stage.ids["failed_job"]).update(status=JobStatus.FAILED)
    return stage


def add_reviews(stage: Stage) -> None:
    workflow = stage.make("workflow", "/workflows", {"contentType": "post", "name": "Editing"})
    path = f"/workflows/{workflow['id']}/transitions"
    stage.make("transition", path, {"fromState": "draft", "toState": "published"})
    for name in ("task", "own_task"):
        item = stage.content.make_item()
        stage.make(name, f"/content-items/{item['id']}/submit", {"to": "published"})
    stage.make("", f"/review-tasks/{stage.ids['own_task']}/claim")
    stage.ids["draft"] = stage.content.make_item()["id"]


def add_comments(stage: Stage) -> None:
    path = f"/content-items/{stage.ids['note']}/comments"
    stage.make("comment", path, {"body": "A"})
    stage.make("resolved_comment", path, {"body": "B"})
    stage.make("", f"{path}/{stage.ids['resolved_comment']}/resolve")


def add_forms(stage: Stage) -> None:
    for slug in ("f", "unsent"):
        stage.make("", "/forms", FORM | {"slug": slug})
    for title in ("One", "Two"):
        stage.make("", "/forms/f/submissions", {"data": {"title": title}})
    first, second = FormSubmission.objects.order_by("created_at")
    FormSubmission.objects.filter(pk=second.pk).update(is_set_apart=True)
    stage.ids |= {"submission": str(first.pk), "set_apart": str(second.pk)}


def workflow_writes(ids: dict[str, str]) -> dict[str, Write]:
    workflow, tasks = f"{DOMAIN}/workflows/{ids['workflow']}", f"{DOMAIN}/review-tasks"
    comments = f"{DOMAIN}/content-items/{ids['note']}/comments"
    body = {"fromState": "draft", "toState": "archived"}
    decision = {"decision": "approved"}
    return {
        "create_workflow": Write(
            f"{DOMAIN}/workflows", {"contentType": "note", "name": "N"}, {"name": "M"}
        ),
        "change_workflow": Write(workflow, {"name": "New"}, {"name": "Newer"}),
        "delete_workflow": Write(workflow),
        "add_transition": Write(f"{workflow}/transitions", body, {"toState": "draft"}),
        "remove_transition": Write(f"{workflow}/transitions/{ids['transition']}"),
        "submit_for_review": Write(
            f"{DOMAIN}/content-items/{ids['draft']}/submit",
            {"to": "published"},
            {"to": "legal"},
            has_version=True,
        ),
        "claim_review_task": Write(f"{tasks}/{ids['task']}/claim"),
        "release_review_task": Write(f"{tasks}/{ids['own_task']}/release"),
        "decide_review_task": Write(
            f"{tasks}/{ids['task']}/decide", decision, decision | {"reason": "x"}, has_version=True
        ),
        "add_comment": Write(comments, {"body": "C"}, {"body": "D"}),
        "resolve_comment": Write(f"{comments}/{ids['comment']}/resolve"),
        "reopen_comment": Write(f"{comments}/{ids['resolved_comment']}/reopen"),
    }


def form_writes(ids: dict[str, str]) -> dict[str, Write]:
    forms, submissions = f"{DOMAIN}/forms", f"{DOMAIN}/form-submissions"
    return {
        "create_form": Write(forms, FORM | {"slug": "g"}, FORM | {"slug": "h"}),
        "change_form": Write(f"{forms}/f", {"name": "G"}, {"name": "H"}, has_version=True),
        "delete_form": Write(f"{forms}/unsent", has_version=True),
        "submit_form": Write(
            f"{forms}/f/submissions", {"data": {"title": "x"}}, {"data": {"title": "y"}}
        ),
        "answer_submission": Write(
            f"{submissions}/{ids['submission']}/answers", {"body": "x"}, {"body": "y"}
        ),
        "take_in_submission": Write(f"{submissions}/{ids['set_apart']}/take-in"),
    }


def feedback_writes(ids: dict[str, str]) -> dict[str, Write]:
    item = f"{DOMAIN}/content-items/{ids['note']}/external-feedback"
    agent = {"subjectType": "agent", "subjectId": ids["agent"], "submitter": ANN}
    wish = {"decision": "changes_requested", "comment": "x"}
    return {
        "record_feedback": Write(item, wish | {"submitter": ANN}, {"submitter": ANN}),
        "issue_feedback_token": Write(f"{item}-token", {"submitter": ANN}, {"uses": 2}),
        "record_feedback_on_agent": Write(f"{DOMAIN}/external-feedback", agent | wish, agent),
        "issue_feedback_token_of_agent": Write(
            f"{DOMAIN}/external-feedback-token", agent, agent | {"uses": 2}
        ),
        "revoke_feedback_token": Write(f"{DOMAIN}/external-feedback-tokens/{ids['token']}"),
        "give_feedback": Write(
            "/v1/public/external-feedback", wish, headers=(("x_feedback_token", ids["secret"]),)
        ),
    }


def webhook_writes(ids: dict[str, str]) -> dict[str, Write]:
    webhook, body = f"{DOMAIN}/webhooks/{ids['hook']}", {"url": f"{HOOKS}/b", "events": ["*"]}
    return {
        "create_webhook": Write(f"{DOMAIN}/webhooks", body, body | {"url": f"{HOOKS}/c"}),
        "change_webhook": Write(webhook, {"active": False}, {"active": True}, has_version=True),
        "delete_webhook": Write(webhook, has_version=True),
        "rotate_webhook_secret": Write(f"{webhook}/rotate-secret", has_version=True),
        "test_webhook": Write(f"{webhook}/test"),
        "redeliver": Write(f"{webhook}/deliveries/{ids['delivery']}/redeliver"),
    }


def other_writes(ids: dict[str, str]) -> dict[str, Write]:
    follow = f"/v1/following/agent/{ids['agent']}"
    return {
        "schedule_content_item": Write(
            f"{DOMAIN}/content-items/{ids['scheduled']}/schedule",
            SCHEDULE,
            SCHEDULE | {"action": "archive"},
        ),
        "cancel_job": Write(f"{DOMAIN}/jobs/{ids['job']}/cancel"),
        "retry_job": Write(f"{DOMAIN}/jobs/{ids['failed_job']}/retry"),
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
    api: Api, stage: Stage, ada: User, key_for: Callable[..., str]
):
    client = ContentApi(api, key_for(ada, *ALL_SCOPES, "following:write"))
    areas = (workflow_writes, form_writes, feedback_writes, webhook_writes, other_writes)
    writes = {name: write for area in areas for name, write in area(stage.ids).items()}
    by_operation = methods()
    assert by_operation.keys() == writes.keys()
    problems = {}
    for operation, method in by_operation.items():
        write = writes[operation]
        # A link is the credential of people without an account.
        sender = ContentApi(api, "") if write.headers else client
        with rolled_back():
            if lines := problems_of(sender, method, write):
                problems[operation] = lines
    assert problems == {}

"""Workflows: what they forbid, submissions, decisions and comments."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from foundation.accounts.models import User
from foundation.audit.models import AuditLog
from foundation.clock import now
from foundation.jobs.actions import run_due_jobs
from foundation.jobs.models import Job
from tests.support.http import Api
from tests.wordclaw.conftest import ALL_SCOPES, ContentApi
from tests.wordclaw.workflow.conftest import make_workflow
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.workflow.export import after_import
from wordclaw.workflow.models import ReviewTask
from wordclaw.workflow.reviews.actions import tell_overdue_tasks


def code_of(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def submit(client: ContentApi, item: dict[str, Any], **body: Any) -> dict[str, Any]:
    answer = client.post(f"/content-items/{item['id']}/submit", {"to": "published"} | body)
    assert answer.status_code == 201, answer.content
    task: dict[str, Any] = answer.json()
    return task


def decide(
    client: ContentApi, task: dict[str, Any], decision: str = "approved", **body: Any
) -> Any:
    return client.post(f"/review-tasks/{task['id']}/decide", {"decision": decision} | body)


def read_draft(client: ContentApi, item: dict[str, Any]) -> dict[str, Any]:
    draft: dict[str, Any] = client.get(f"/content-items/{item['id']}?draft=true").json()
    return draft


@pytest.mark.once
def test_nothing_but_an_approval_publishes(
    content: ContentApi, editor: ContentApi, workflow: dict[str, Any]
):
    item = editor.make_item()
    path = f"/content-items/{item['id']}"
    in_future = {"action": "publish", "runAt": (now() + timedelta(days=1)).isoformat()}
    refusals = [
        content.post(f"{path}/{action}", body)
        for action, body in (
            ("publish", None),
            ("unpublish", None),
            ("archive", None),
            ("schedule", in_future),
        )
    ]
    content.patch(path, {"data": {"title": "Two"}})
    content.post(f"{path}/rollback", {"version": 1})
    content.post(
        "/content-types/post/items/batch",
        {"items": [{"op": "update", "id": item["id"], "data": {"title": "Three"}}]},
    )
    content.delete(path)
    content.post(f"{path}/restore")

    assert {code_of(answer) for answer in refusals} == {(403, "workflow_required")}
    assert not ContentItem.objects.get(pk=item["id"]).published_version_id


@pytest.mark.once
def test_change_scheduled_before_the_workflow_is_refused_at_its_time(content: ContentApi):
    content.make_type()
    item = content.make_item()
    body = {"action": "publish", "runAt": (now() + timedelta(seconds=1)).isoformat()}
    assert content.post(f"/content-items/{item['id']}/schedule", body).status_code == 201
    make_workflow(content)
    Job.objects.update(run_at=now())

    run_due_jobs()

    assert Job.objects.get().last_error.startswith("PermanentFailure: workflow_required")
    assert read_draft(content, item)["publicationState"] == "draft"


@pytest.mark.once
def test_approval_publishes_the_submitted_version(
    editor: ContentApi, reviewer: ContentApi, visitor: ContentApi, workflow: dict[str, Any]
):
    item = editor.make_item()
    task = submit(editor, item, message="Please look")
    detail = reviewer.get(f"/review-tasks/{task['id']}").json()
    answer = decide(reviewer, task, reason="Fine")

    assert (task["version"], task["fromState"], task["toState"]) == (2, "draft", "published")
    assert (task["status"], task["submitter"], task["message"]) == ("pending", "eve", "Please look")
    assert detail["changes"] == [{"pointer": "/title", "op": "add", "after": "One"}]
    assert answer.status_code == 200
    assert answer.json()["status"] == "approved"
    assert (answer.json()["decidedBy"], answer.json()["reason"]) == ("rita", "Fine")
    draft = read_draft(editor, item)
    assert (draft["status"], draft["publishedVersion"], draft["version"]) == ("published", 3, 3)
    statuses = [
        row["status"] for row in editor.get(f"/content-items/{item['id']}/versions").json()["items"]
    ]
    assert statuses == ["published", "in_review", "draft"]
    event = AuditLog.objects.get(action="review_task.decide")
    assert event.details["decision"] == "approved"
    assert "ownVersion" not in event.details


@pytest.mark.once
def test_rejection_needs_a_reason_and_asks_for_changes(
    editor: ContentApi, reviewer: ContentApi, workflow: dict[str, Any]
):
    item = editor.make_item()
    task = submit(editor, item)

    assert code_of(decide(reviewer, task, "rejected", reason=" ")) == (422, "invalid_body")
    assert code_of(decide(reviewer, task, "maybe")) == (422, "invalid_body")
    assert decide(reviewer, task, "rejected", reason="Too short").json()["status"] == "rejected"
    assert read_draft(editor, item)["status"] == "changes_requested"
    assert submit(editor, item)["fromState"] == "changes_requested"


@pytest.mark.once
def test_a_decision_may_expect_a_version(
    editor: ContentApi, reviewer: ContentApi, workflow: dict[str, Any]
):
    item = editor.make_item()
    task = submit(editor, item)
    path = f"/review-tasks/{task['id']}"
    seen_tag = reviewer.get(path)["ETag"]
    editor.patch(f"/content-items/{item['id']}", {"data": {"title": "Other"}})
    body = {"decision": "rejected", "reason": "Too thin"}
    answer = reviewer.post(f"{path}/decide", body, if_match=seen_tag)
    assert code_of(answer) == (412, "version_conflict")
    assert answer.json()["error"]["details"]["current"] == 3
    assert reviewer.get(path).json()["status"] == "pending"
    tag = reviewer.get(path)["ETag"]
    assert reviewer.post(f"{path}/decide", body, if_match=tag).status_code == 200


@pytest.mark.once
def test_edit_makes_the_task_stale(
    editor: ContentApi, reviewer: ContentApi, workflow: dict[str, Any]
):
    item = editor.make_item()
    task = submit(editor, item)
    editor.patch(f"/content-items/{item['id']}", {"data": {"title": "Other words"}})

    assert read_draft(editor, item)["status"] == "draft"
    assert reviewer.get(f"/review-tasks/{task['id']}").json()["stale"] is True
    assert code_of(decide(reviewer, task)) == (409, "review_task_stale")
    assert decide(reviewer, task, "rejected", reason="Changed").status_code == 200
    assert read_draft(editor, item)["status"] == "draft"


def test_second_submission_supersedes_the_first(
    editor: ContentApi, reviewer: ContentApi, workflow: dict[str, Any]
):
    item = editor.make_item()
    first, second = submit(editor, item), submit(editor, item)

    assert second["fromState"] == "draft"
    assert code_of(decide(reviewer, first)) == (409, "review_task_not_pending")
    assert decide(reviewer, second).status_code == 200
    assert code_of(decide(reviewer, second)) == (409, "review_task_not_pending")
    assert sorted(ReviewTask.objects.values_list("status", flat=True)) == ["approved", "superseded"]


@pytest.mark.once
def test_author_and_submitter_never_decide(
    content: ContentApi,
    editor: ContentApi,
    reviewer: ContentApi,
    member: Callable[[str, str], ContentApi],
    workflow: dict[str, Any],
):
    """Not as an admin, as the assignee, or when someone else submits the text."""
    admin = member("adam", "admin")
    item = admin.make_item()
    task = submit(admin, item, assignee="adam")
    by_author = decide(admin, task)
    task = submit(editor, item, assignee="eve")
    by_submitter, by_author_again = decide(editor, task), decide(admin, task)
    decide(reviewer, task, "rejected", reason="No")
    task = submit(content, item)

    refusals = (by_author, by_submitter, by_author_again, decide(admin, task))
    assert {code_of(answer) for answer in refusals} == {(403, "four_eyes_required")}
    assert code_of(decide(content, task)) == (403, "four_eyes_required")
    assert decide(reviewer, task).status_code == 200


@pytest.mark.once
def test_owner_without_members_decides_alone(content: ContentApi, workflow: dict[str, Any]):
    task = submit(content, content.make_item())

    assert decide(content, task).status_code == 200
    assert AuditLog.objects.get(action="review_task.decide").details["ownVersion"] is True


@pytest.mark.once
def test_assignee_decides_whatever_the_role(
    content: ContentApi,
    editor: ContentApi,
    member: Callable[[str, str], ContentApi],
    stranger: ContentApi,
    visitor: ContentApi,
    workflow: dict[str, Any],
):
    reader = member("ralf", "reader")
    task = submit(editor, editor.make_item())

    assert code_of(decide(reader, task)) == (403, "forbidden")
    assert code_of(decide(stranger, task)) == (404, "review_task_not_found")
    assert code_of(decide(visitor, task)) == (401, "unauthorized")
    item = {"id": task["contentItemId"]}
    unknown_answer = editor.post(
        f"/content-items/{item['id']}/submit", {"to": "published", "assignee": "grace"}
    )
    assert code_of(unknown_answer) == (422, "unknown_assignee")
    assert decide(reader, submit(editor, item, assignee="@Ralf")).status_code == 200


@pytest.mark.once
def test_transition_is_for_its_state_and_roles(
    content: ContentApi, editor: ContentApi, workflow: dict[str, Any]
):
    path = f"/workflows/{workflow['id']}/transitions"
    body = {"fromState": "draft", "toState": "legal", "requiredRoles": ["admin"]}
    content.post(path, body)
    item = editor.make_item()
    submit_path = f"/content-items/{item['id']}/submit"

    assert code_of(editor.post(submit_path, {"to": "nowhere"})) == (
        404,
        "workflow_transition_not_found",
    )
    assert code_of(editor.post(submit_path, {})) == (404, "workflow_transition_not_found")
    for target in ("legal", "draft"):
        refusal = editor.post(submit_path, {"to": target})
        assert code_of(refusal) == (403, "workflow_transition_forbidden")
        assert refusal.json()["error"]["details"]["states"] == ["legal", "published"]
    task = submit(content, item, to="legal")
    assert decide(content, task).status_code == 403
    assert read_draft(content, item)["status"] == "in_review"


@pytest.mark.once
def test_states_of_a_workflow_are_reached_by_approval(
    content: ContentApi, editor: ContentApi, reviewer: ContentApi, workflow: dict[str, Any]
):
    path = f"/workflows/{workflow['id']}/transitions"
    for from_state, to_state in (("draft", "legal"), ("legal", "published")):
        content.post(path, {"fromState": from_state, "toState": to_state})
    item = editor.make_item()
    for target in ("legal", "published", "draft"):
        assert decide(reviewer, submit(editor, item, to=target)).status_code == 200
        assert read_draft(editor, item)["status"] == target
    assert read_draft(editor, item)["publicationState"] == "unpublished"


def deliver_mails() -> list[tuple[str, str]]:
    """Run all jobs; return login and text of each email."""
    mail.outbox.clear()
    run_due_jobs()
    assert set(Job.objects.values_list("last_error", flat=True)) <= {""}
    return [(message.to[0].split("@")[0], str(message.body)) for message in mail.outbox]


def test_people_of_a_review_are_told_by_email(
    editor: ContentApi, reviewer: ContentApi, workflow: dict[str, Any]
):
    deliver_mails()
    item = editor.make_item()
    task = submit(editor, item, message="Please look")
    texts = dict(deliver_mails())
    reviewer.post(f"/content-items/{item['id']}/comments", {"body": "Why so short?"})
    comments = deliver_mails()
    decide(reviewer, task, "rejected", reason="Too thin")
    decisions = deliver_mails()

    assert set(texts) == {"ada", "rita"}
    assert "Please look" in texts["rita"]
    assert f"/studio/@ada/reviews/{task['id']}" in texts["rita"]
    assert [(login, "Why so short?" in text) for login, text in comments] == [("eve", True)]
    assert [(login, "Too thin" in text) for login, text in decisions] == [("eve", True)]
    # Without a review that waits, all who wrote in the thread are told of a reply.
    path = f"/content-items/{item['id']}/comments"
    first = editor.post(path, {"body": "Longer now?"}).json()
    assert deliver_mails() == []
    reviewer.post(path, {"body": "Yes.", "replyTo": first["id"]})
    replies = deliver_mails()
    assert [(login, "Yes." in text) for login, text in replies] == [("eve", True)]
    assert f"/studio/@ada/items/{item['id']}" in replies[0][1]
    editor.post(path, {"body": "Thanks.", "replyTo": first["id"]})
    assert [login for login, _ in deliver_mails()] == ["rita"]


def test_inbox_shows_what_is_due_first(
    content: ContentApi, editor: ContentApi, reviewer: ContentApi
):
    content.make_type()
    make_workflow(content, slaHours=2)
    tasks = [submit(editor, editor.make_item()) for _ in range(3)]
    late = ReviewTask.objects.filter(pk=tasks[2]["id"])
    late.update(due_at=now() - timedelta(hours=1))
    claim = reviewer.post(f"/review-tasks/{tasks[1]['id']}/claim")

    rows = reviewer.get("/review-tasks?status=pending").json()["items"]
    own_rows = reviewer.get("/review-tasks?mine=true").json()["items"]
    first_page = reviewer.get("/review-tasks?limit=1").json()
    next_rows = reviewer.get(f"/review-tasks?cursor={first_page['nextCursor']}").json()["items"]

    assert claim.json()["assignee"] == "rita"
    assert [row["id"] for row in rows] == [tasks[2]["id"], tasks[0]["id"], tasks[1]["id"]]
    assert [row["overdue"] for row in rows] == [True, False, False]
    assert [row["id"] for row in own_rows] == [tasks[1]["id"]]
    assert [row["id"] for row in first_page["items"] + next_rows] == [row["id"] for row in rows]
    assert code_of(content.post(f"/review-tasks/{tasks[1]['id']}/claim")) == (
        409,
        "review_task_claimed",
    )
    assert content.post(f"/review-tasks/{tasks[1]['id']}/release").json()["assignee"] is None
    assert reviewer.get("/review-tasks?status=odd").status_code == 400


def test_new_workflow_retires_the_former(content: ContentApi, workflow: dict[str, Any]):
    new = content.post("/workflows", {"contentType": "post", "name": "New", "slaHours": 5}).json()
    listing = content.get("/workflows?contentType=post").json()["items"]
    assert [(row["name"], row["active"]) for row in listing] == [("Editing", False), ("New", True)]

    content.patch(f"/workflows/{workflow['id']}", {"active": True})
    assert content.get(f"/workflows/{new['id']}").json()["active"] is False
    assert content.patch(f"/workflows/{workflow['id']}", {"active": False}).status_code == 200
    item = content.make_item()
    assert content.publish(item)["publishedVersion"] == 2
    assert code_of(content.post(f"/content-items/{item['id']}/submit", {"to": "published"})) == (
        404,
        "workflow_transition_not_found",
    )


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"fromState": "draft", "toState": "in_review"}, "toState"),
        ({"fromState": "in_review", "toState": "published"}, "fromState"),
        ({"fromState": "Draft", "toState": "published"}, "fromState"),
        ({"fromState": "draft", "toState": "x" * 33}, "toState"),
        ({"fromState": "draft", "toState": "x", "requiredRoles": ["king"]}, "requiredRoles"),
    ],
)
@pytest.mark.once
def test_transition_must_make_sense(
    content: ContentApi, workflow: dict[str, Any], body: dict[str, Any], path: str
):
    answer = content.post(f"/workflows/{workflow['id']}/transitions", body)
    assert code_of(answer) == (422, "invalid_body")
    assert [row["path"] for row in answer.json()["error"]["details"]["errors"]] == [path]


def test_members_comment_on_fields(
    content: ContentApi,
    editor: ContentApi,
    reviewer: ContentApi,
    member: Callable[[str, str], ContentApi],
    workflow: dict[str, Any],
):
    reader = member("ralf", "reader")
    item = editor.make_item()
    path = f"/content-items/{item['id']}/comments"
    first = reviewer.post(path, {"body": "Longer, please", "pointer": "/title"}).json()
    reply = editor.post(path, {"body": "Done", "replyTo": first["id"]}).json()

    assert (first["version"], first["pointer"], first["author"]) == (1, "/title", "rita")
    assert (reply["replyTo"], reply["pointer"]) == (first["id"], "/title")
    assert reader.post(path, {"body": "Me too"}).status_code == 403
    assert code_of(editor.post(path, {"body": " "})) == (422, "invalid_body")
    assert code_of(editor.post(path, {"body": "x", "pointer": "title"})) == (422, "invalid_body")
    assert code_of(editor.post(path, {"body": "x", "replyTo": item["id"]})) == (
        404,
        "comment_not_found",
    )
    resolution = editor.post(f"{path}/{first['id']}/resolve").json()
    assert resolution["resolvedBy"] == "eve"
    assert [row["id"] for row in reader.get(path).json()["items"]] == [first["id"], reply["id"]]


def test_foreign_tasks_and_workflows_do_not_exist(
    api: Api,
    content: ContentApi,
    editor: ContentApi,
    grace: User,
    key_for: Callable[..., str],
    workflow: dict[str, Any],
):
    other = ContentApi(api, key_for(grace, *ALL_SCOPES), "grace")
    other.make_type()
    item = editor.make_item()
    task = submit(editor, item)

    assert other.get("/workflows").json() == {"items": []}
    assert other.get("/review-tasks").json() == {"items": []}
    for method, path, body in (
        ("GET", f"/workflows/{workflow['id']}", None),
        ("PATCH", f"/workflows/{workflow['id']}", {"active": False}),
        ("GET", f"/review-tasks/{task['id']}", None),
        ("POST", f"/review-tasks/{task['id']}/claim", None),
        ("POST", f"/review-tasks/{task['id']}/decide", {"decision": "approved"}),
        ("POST", f"/content-items/{item['id']}/submit", {"to": "published"}),
        ("POST", f"/content-items/{item['id']}/comments", {"body": "x"}),
    ):
        assert other.send(method, path, body).status_code == 404, path


@pytest.mark.once
def test_reviewers_are_mailed_once_when_a_review_becomes_overdue(
    content: ContentApi, editor: ContentApi, reviewer: ContentApi
):
    content.make_type()
    make_workflow(content, slaHours=1)
    task = submit(editor, content.make_item())
    run_due_jobs()
    mail.outbox.clear()
    assert tell_overdue_tasks() == 0
    ReviewTask.objects.filter(pk=task["id"]).update(due_at=now() - timedelta(minutes=1))

    assert [tell_overdue_tasks() for _ in range(2)] == [1, 0]

    run_due_jobs()
    subjects = {message.subject for message in mail.outbox}
    assert len(subjects) == 1
    assert "is overdue" in subjects.pop()
    assert {address for message in mail.outbox for address in message.to} == {
        "rita@localhost.localdomain"
    }


@pytest.mark.once
def test_an_import_does_not_take_the_workflow_from_a_type(
    content: ContentApi, workflow: dict[str, Any]
):
    """The column that says so is derived, and a file may claim anything."""
    item = content.make_item()
    ContentType.objects.filter(slug="post").update(is_governed=False)

    after_import(())

    answer = content.post(f"/content-items/{item['id']}/publish")
    assert code_of(answer) == (403, "workflow_required")

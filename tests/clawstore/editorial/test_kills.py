"""A process that is killed in a write of content leaves a whole state."""

import os
import signal
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from django.db import connection, connections
from django.db.models import Model

from clawstore.editorial.actions import wrong_pages
from clawstore.editorial.models import ContentPage, ContentPageAgent
from foundation.accounts.models import User
from foundation.audit.models import AuditLog
from foundation.jobs.models import Job
from registry.models import Agent
from tests.clawstore.editorial.conftest import Author
from tests.support.http import Api
from tests.wordclaw.conftest import ALL_SCOPES, ContentApi
from wordclaw.content.models import (
    ContentItem,
    ContentItemVersion,
    ContentReference,
    ContentSortValue,
    ContentType,
)
from wordclaw.content.sorting import wrong_sort_values
from wordclaw.content.types.actions import change_content_type
from wordclaw.policy.models import PolicyDecision
from wordclaw.requests.models import IdempotentRequest
from wordclaw.workflow.models import ReviewTask

pytestmark = pytest.mark.django_db(transaction=True)
TABLES: tuple[type[Model], ...] = (
    *(ContentItem, ContentItemVersion, ContentReference, ContentSortValue),
    *(ContentPage, ContentPageAgent, AuditLog, PolicyDecision, ReviewTask, Job),
)
MAX_COMMITS = 20
GUIDE = {
    "slug": "first",
    "title": {"en": "First steps"},
    "body": {"en": "*Walk*."},
    "agents": [{"agent": "@ada/coach"}],
}
Request = Callable[[ContentApi, str], Any]


def state() -> dict[str, list[Any]]:
    """All rows of the tables that a write of content changes."""
    return {
        table.__name__: sorted(map(repr, table._default_manager.values_list())) for table in TABLES
    }


def is_killed(request: Request, api: ContentApi, key: str, number: int) -> bool:
    """Send a request in a child process that is killed before a commit.

    ``number`` counts them from 0. Returns False if the request has fewer. A process that is killed
    within a transaction leaves the state of the commit before it, wherever in it that happens. A
    write outside a transaction is a commit of its own.
    """
    _close_connections()
    child = os.fork()
    if child == 0:
        try:
            _kill_at(number)
            request(api, key)
        finally:
            # Nothing of the test run may happen a second time in the child.
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _close_connections() -> None:
    """Close connections and their pools: a child must not use those of its parent."""
    connections.close_all()
    for database in connections.all():
        if hasattr(database, "close_pool"):
            database.close_pool()


def _kill_at(number: int) -> None:
    steps, commit = count(), connection._commit

    def step() -> None:
        if next(steps) == number:
            os.kill(os.getpid(), signal.SIGKILL)

    def execute(run: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        if not sql.startswith("SELECT") and not connection.in_atomic_block:
            step()
        return run(sql, *arguments)

    def commit_after_step() -> None:
        step()
        commit()

    connection.execute_wrappers.append(execute)
    connection._commit = commit_after_step


REQUESTS: dict[str, tuple[str, str, Any]] = {
    "create": ("POST", "/content-types/guides/items", {"data": GUIDE | {"slug": "second"}}),
    "publish": ("POST", "/content-items/{draft}/publish", {}),
    "rollback": ("POST", "/content-items/{published}/rollback", {"version": 1}),
    "unpublish": ("POST", "/content-items/{published}/unpublish", {}),
    "delete": ("DELETE", "/content-items/{published}", None),
    "approve": ("POST", "/review-tasks/{task}/decide", {"decision": "approved"}),
    "reject": ("POST", "/review-tasks/{task}/decide", {"decision": "rejected", "reason": "Thin"}),
}


def submit_draft(content: ContentApi, item_id: str) -> str:
    """Give the type a workflow and submit a draft; returns the id of the review task."""
    body: dict[str, Any] = {"contentType": "guides", "name": "Editing"}
    workflow = content.post("/workflows", body).json()
    body = {"fromState": "draft", "toState": "published"}
    content.post(f"/workflows/{workflow['id']}/transitions", body)
    task_id: str = content.post(f"/content-items/{item_id}/submit", {"to": "published"}).json()[
        "id"
    ]
    return task_id


@pytest.mark.parametrize("name", REQUESTS)
def test_killed_write_happens_whole_or_not_at_all(
    name: str, api: Api, ada: User, ada_writes: Author, coach: Agent, key_for: Callable[..., str]
) -> None:
    item = ada_writes.publish("guides", **GUIDE)
    ada_writes.edit(item, body={"en": "*Run*."})
    draft = ada_writes.draft("guides", **GUIDE | {"slug": "draft"})
    schema = ContentType.objects.get(slug="guides", domain=ada_writes.domain).schema
    schema["properties"]["slug"]["x-wordclaw-indexed"] = True
    change_content_type(ada_writes.domain, "guides", {}, schema=schema, by=ada_writes.by)
    content = ContentApi(api, key_for(ada, *ALL_SCOPES))
    method, path, body = REQUESTS[name]
    is_decision = name in ("approve", "reject")
    task_id = submit_draft(content, str(draft.pk)) if is_decision else ""
    path = path.format(draft=draft.pk, published=item.pk, task=task_id)

    def send(content: ContentApi, key: str) -> Any:
        return content.send(method, path, body, **{"Idempotency-Key": key})

    # Else each child loads the addresses of the API again.
    content.get("/content-types")
    before = state()
    for number in range(MAX_COMMITS):
        was_killed = is_killed(send, content, f"try-{number}", number)
        if state() != before:
            break
        # The key is kept with the effect or not at all, so that a repetition cannot be lost.
        assert not IdempotentRequest.objects.exclude(status=None).exists(), number
        assert was_killed

    # One of them was killed when all was written and nothing committed.
    assert number > 0
    after = state()
    # A decision is recorded for the task and for the item.
    new_rows = {"AuditLog": 1 + is_decision, "PolicyDecision": 1}
    for table, new_count in new_rows.items():
        assert len(after[table]) == len(before[table]) + new_count
    if is_decision:
        task = ReviewTask.objects.get(pk=task_id)
        draft.refresh_from_db()
        state_of_item = "published" if name == "approve" else "changes_requested"
        assert (task.status, draft.status) == (f"{name}d".replace("td", "ted"), state_of_item)
        new_jobs = set(after["Job"]) - set(before["Job"])
        assert any("mails.review_decided" in job for job in new_jobs)
    is_deletion = name == "delete"
    assert len(after["ContentItemVersion"]) == len(before["ContentItemVersion"]) + (not is_deletion)
    assert list(wrong_pages()) == []
    assert list(wrong_sort_values()) == []
    assert_replayed(send(content, f"try-{number}"))
    assert state() == after


def assert_replayed(answer: Any) -> None:
    """The client that got no answer gets that of the one effect when it asks again."""
    assert answer["Idempotent-Replayed"] == "true"
    assert answer.status_code in (200, 201)

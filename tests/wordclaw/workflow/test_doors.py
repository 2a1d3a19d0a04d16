"""No door publishes an item of a governed type; only an approved review does."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.core.management import CommandError, call_command
from django.test import Client

from foundation.clock import now
from foundation.jobs.actions import run_due_jobs
from foundation.jobs.models import Job
from tests.clawstore.studio.conftest import Editor, post_form
from tests.support.catalogue import counts, delete_all_rows, lines, write
from tests.support.http import status_and_code
from tests.wordclaw.conftest import ContentApi
from tests.wordclaw.workflow.conftest import make_workflow
from wordclaw.content.models import ContentItem, ContentItemVersion

ITEMS = "/content-types/post/items"
DRAFT = {"title": "Draft"}
FORM = {
    "name": "Post",
    "slug": "post",
    "contentType": "post",
    "fields": [{"name": "title", "required": True}],
    "publicRead": True,
}
ANN = {"actorId": "ann-1", "email": "ann@example.org"}


class Doors:
    """A governed type with an item that has a draft beside a live version.

    Every door is tried by the owner of the domain, who has all rights.
    """

    def __init__(self, content: ContentApi, visitor: ContentApi, client: Client) -> None:
        self.content, self.visitor, self.client = content, visitor, client
        content.make_type(visibility="public")
        self.item = content.publish(content.make_item(data={"title": "Live"}))
        self.path = f"/content-items/{self.item['id']}"
        content.patch(self.path, {"data": DRAFT})
        soon = (now() + timedelta(seconds=1)).isoformat()
        content.post(f"{self.path}/schedule", {"action": "publish", "runAt": soon})
        content.post("/forms", FORM)
        issue = f"{self.path}/external-feedback-token"
        self.token = content.post(issue, {"submitter": ANN}).json()["token"]
        make_workflow(content)

    def state(self) -> list[Any]:
        """All items and versions of the domain."""
        rows: list[Any] = list(ContentItem.objects.filter(domain__name="ada").values_list())
        of_domain = ContentItemVersion.objects.filter(item__domain__name="ada")
        return [rows, list(of_domain.order_by("pk").values_list())]

    def post(self, path: str, body: Any = None) -> Any:
        return self.content.post(path, body)


def batch(doors: Doors, op: str, *, atomic: bool = False, **fields: Any) -> Any:
    operation = {"op": op, "id": doors.item["id"], "data": DRAFT} | fields
    return doors.post(f"{ITEMS}/batch?atomic={str(atomic).lower()}", {"items": [operation]})


def studio(doors: Doors, button: str) -> Any:
    return Editor(doors.client, f"/studio/@ada/items/{doors.item['id']}").send(button)


def studio_state(doors: Doors, page: str, **fields: str) -> Any:
    return post_form(doors.client, f"/studio/@ada/items/{doors.item['id']}/{page}", fields)


def schedule_body(action: str) -> dict[str, str]:
    return {"action": action, "runAt": (now() + timedelta(days=1)).isoformat()}


UNKNOWN, GATE = (422, "unknown_field"), (403, "workflow_required")
PUBLISHED = {"data": DRAFT, "status": "published"}
REFUSALS: dict[str, tuple[Callable[[Doors], Any], tuple[int, str]]] = {
    "publish": (lambda d: d.post(f"{d.path}/publish"), GATE),
    "unpublish": (lambda d: d.post(f"{d.path}/unpublish"), GATE),
    "archive": (lambda d: d.post(f"{d.path}/archive"), GATE),
    "create": (lambda d: d.post(ITEMS, PUBLISHED), UNKNOWN),
    "update": (lambda d: d.content.put(d.path, PUBLISHED), UNKNOWN),
    "patch": (lambda d: d.content.patch(d.path, PUBLISHED), UNKNOWN),
    "rollback": (
        lambda d: d.post(f"{d.path}/rollback", {"version": 2, "status": "published"}),
        UNKNOWN,
    ),
    "batch, a status": (lambda d: batch(d, "update", status="published"), UNKNOWN),
    "batch, all or nothing": (
        lambda d: batch(d, "publish", atomic=True),
        (400, "batch_failed"),
    ),
    "schedule": (lambda d: d.post(f"{d.path}/schedule", schedule_body("publish")), GATE),
    "form": (
        lambda d: d.post("/forms", FORM | {"slug": "two", "submissionStatus": "published"}),
        (422, "form_submission_status_invalid"),
    ),
    "submission": (
        lambda d: d.visitor.post("/forms/post/submissions", PUBLISHED),
        UNKNOWN,
    ),
    "feedback": (
        lambda d: d.visitor.post(
            "/v1/public/external-feedback", {"status": "published"}, x_feedback_token=d.token
        ),
        UNKNOWN,
    ),
}
# Pages say it in words.
REFUSED_PAGES: dict[str, Callable[[Doors], Any]] = {
    "studio, publish": lambda d: studio(d, "publish"),
    "studio, unpublish": lambda d: studio_state(d, "unpublish"),
    "studio, archive": lambda d: studio_state(d, "archive"),
    "studio, schedule": lambda d: studio_state(
        d,
        "schedule",
        action="publish",
        run_at=(now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"),
    ),
}
DRAFTS: dict[str, tuple[Callable[[Doors], Any], int]] = {
    "create": (lambda d: d.post(ITEMS, {"data": DRAFT}), 201),
    "update": (lambda d: d.content.put(d.path, {"data": {"title": "New"}}), 200),
    "patch": (lambda d: d.content.patch(d.path, {"data": {"title": "New"}}), 200),
    "rollback": (lambda d: d.post(f"{d.path}/rollback", {"version": 2}), 200),
    "batch": (lambda d: batch(d, "update"), 200),
    "batch, publish": (lambda d: batch(d, "publish"), 200),
    "submission": (
        lambda d: d.visitor.post("/forms/post/submissions", {"data": {"title": "Sent"}}),
        201,
    ),
    "feedback": (
        lambda d: d.visitor.post(
            "/v1/public/external-feedback", {"decision": "accepted"}, x_feedback_token=d.token
        ),
        201,
    ),
    "studio, save": (lambda d: studio(d, "save"), 302),
}


@pytest.fixture
def doors(content: ContentApi, visitor: ContentApi, ada_client: Client) -> Doors:
    return Doors(content, visitor, ada_client)


def published_versions() -> list[Any]:
    """The live versions of Ada's domain."""
    items = ContentItem.objects.filter(domain__name="ada").exclude(published_version=None)
    return list(items.values_list("pk", "published_version", "published_version__version"))


def test_no_door_publishes_without_an_approved_review(doors: Doors) -> None:
    before = doors.state()
    for name, (request, expected_code) in REFUSALS.items():
        assert status_and_code(request(doors)) == expected_code, name
        assert doors.state() == before, name
    for name, request_page in REFUSED_PAGES.items():
        answer = request_page(doors)
        assert answer.status_code == 403, (name, answer.status_code)
        assert b"change their state by a review" in answer.content, name
        assert doors.state() == before, name
    Job.objects.filter(kind__startswith="content.").update(run_at=now())
    run_due_jobs()
    [error] = Job.objects.exclude(last_error="").values_list("last_error", flat=True)
    assert error.startswith("PermanentFailure: workflow_required")
    assert doors.state() == before
    # The desk has no page of content, so Django's admin is no door.
    modules = [model.__module__ for model in admin.site._registry]
    own_modules = [module for module in modules if module.startswith("wordclaw.")]
    assert [m for m in own_modules if not m.startswith("wordclaw.payments.")] == []


def test_writes_of_a_governed_type_make_drafts(doors: Doors) -> None:
    before = published_versions()
    for name, (request, status) in DRAFTS.items():
        answer = request(doors)
        assert answer.status_code == status, (name, answer.content)
        assert published_versions() == before, name
        assert doors.visitor.get(doors.path).json()["data"] == {"title": "Live"}, name
    assert batch(doors, "publish").json()["results"][0]["error"]["code"] == "invalid_body"
    doors.content.delete(doors.path)
    assert doors.post(f"{doors.path}/restore").json()["publicationState"] == "unpublished"
    assert published_versions() == []


@pytest.mark.once
def test_import_does_not_publish_what_no_review_approved(doors: Doors, tmp_path: Path) -> None:
    """The file of a backup that was edited is refused; the backup itself is not."""
    approved_item = doors.content.make_item()
    for item in (doors.item, approved_item):
        task = doors.post(f"/content-items/{item['id']}/submit", {"to": "published"}).json()
    decision = doors.post(f"/review-tasks/{task['id']}/decide", {"decision": "approved"})
    assert decision.status_code == 200
    export_to(tmp_path)
    versions = lines(tmp_path, "content_item_versions")
    later = (now() + timedelta(hours=1)).isoformat()
    for row in versions:
        if row["version"] > 2:
            row["created_at"] = later
    write(tmp_path, "content_item_versions", versions)
    items = lines(tmp_path, "content_items")
    # The submitted draft is published in the file, its review undecided.
    rows = [
        row | published_as(versions, row) if row["id"] == doors.item["id"] else row for row in items
    ]
    write(tmp_path, "content_items", rows)
    delete_all_rows()

    with pytest.raises(CommandError, match=f"{doors.item['id']} is published without an approved"):
        call_command("import_catalogue", str(tmp_path))

    assert "content_items" not in counts()
    write(tmp_path, "content_items", items)
    call_command("import_catalogue", str(tmp_path), stdout=StringIO())
    live = ContentItem.objects.get(pk=approved_item["id"]).published_version
    assert live is not None
    assert live.version == 3


def export_to(folder: Path) -> None:
    call_command("export_catalogue", str(folder), "--private", stdout=StringIO())
    # The digests, which an edited file no longer has.
    (folder / "catalogue.json").unlink()


def published_as(versions: list[dict[str, Any]], item: dict[str, Any]) -> dict[str, str]:
    """The columns of an item whose working copy is published."""
    head = next(
        row for row in versions if (row["item_id"], row["version"]) == (item["id"], item["version"])
    )
    columns = {"status": "published", "publication_state": "published"}
    return columns | {"published_version_id": head["id"]}

"""Content types by API."""

from typing import Any

import pytest

from foundation.audit.models import AuditLog
from tests.support.http import status_and_code
from tests.wordclaw.conftest import POST, ContentApi
from wordclaw.content.models import ContentType, ContentTypeSchema
from wordclaw.content.types import actions


@pytest.mark.once
def test_new_type_has_all_fields_of_the_contract(content: ContentApi):
    response = content.post(
        "/content-types", {"name": "Post", "slug": "post", "description": "x", "schema": POST}
    )

    body = response.json()
    assert response.status_code == 201
    assert body | {"id": "", "createdAt": "", "updatedAt": ""} == {
        "id": "",
        "name": "Post",
        "slug": "post",
        "kind": "collection",
        "description": "x",
        "visibility": "private",
        "schema": POST,
        "schemaManifest": None,
        "schemaVersion": 1,
        "createdAt": "",
        "updatedAt": "",
    }
    assert list(body["schema"]["properties"]) == list(POST["properties"])
    assert content.get("/content-types/post").json() == body


@pytest.mark.once
def test_manifest_is_compiled_and_returned(content: ContentApi):
    manifest = {"fields": [{"name": "title", "type": "text", "required": True}]}

    body = content.make_type(schemaManifest=manifest)

    assert body["schemaManifest"] == manifest
    assert body["schema"]["required"] == ["title"]


WRONG_TYPES: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
    "no source": ({"schema": None}, (400, "schema_source_required")),
    "two sources": ({"schemaManifest": {"fields": []}}, (400, "schema_source_conflict")),
    "bad schema": ({"schema": {"type": "strnig"}}, (400, "invalid_content_schema")),
    "schema as text": ({"schema": "{}"}, (422, "invalid_body")),
    "own id": ({"id": "1"}, (422, "unknown_field")),
    "other domain": ({"domainId": "1"}, (422, "unknown_field")),
    "slug": ({"slug": "Post 1"}, (422, "invalid_body")),
    "kind": ({"kind": "tree"}, (422, "invalid_body")),
    "name": ({"name": " "}, (422, "invalid_body")),
    "taken": ({"slug": "taken"}, (409, "content_type_slug_conflict")),
}


@pytest.mark.parametrize(("fields", "refusal"), WRONG_TYPES.values(), ids=WRONG_TYPES)
def test_wrong_type_is_refused_with_the_next_step(
    content: ContentApi, fields: dict[str, Any], refusal: tuple[int, str]
):
    content.make_type("taken")

    response = content.post("/content-types", {"name": "P", "slug": "p", "schema": POST} | fields)

    assert status_and_code(response) == refusal
    assert response.json()["error"]["remediation"]
    assert ContentType.objects.filter(domain__name="ada").count() == 1


def test_schema_is_replaced_whole_and_its_history_kept(content: ContentApi):
    content_type = content.make_type()

    body = content.patch(
        "/content-types/post", {"name": "Article", "schema": {"type": "object"}}
    ).json()

    assert (body["name"], body["schema"], body["schemaVersion"]) == (
        "Article",
        {"type": "object"},
        2,
    )
    assert ContentTypeSchema.objects.filter(content_type_id=content_type["id"]).count() == 2


@pytest.mark.once
def test_schema_that_breaks_published_items_is_refused_with_their_errors(content: ContentApi):
    content.make_type()
    item = content.make_item(data={"title": "A title that is long"})
    content.publish(item)
    content.make_item(data={"title": "A long title of a draft"})
    short = {"type": "object", "properties": {"title": {"type": "string", "maxLength": 5}}}

    check = content.post("/content-types/post/check-schema", {"schema": short}).json()
    refusal = content.patch("/content-types/post", {"schema": short})
    forced_change = content.patch("/content-types/post", {"schema": short, "allowBreaking": True})

    assert status_and_code(refusal) == (409, "schema_breaks_items")
    assert refusal.json()["error"]["details"]["items"] == check["items"]
    assert [(row["id"], row["errors"][0]["pointer"]) for row in check["items"]] == [
        (item["id"], "/title")
    ]
    assert forced_change.json()["schemaVersion"] == 2


@pytest.mark.once
def test_schema_that_takes_too_long_to_check_is_refused(
    content: ContentApi, monkeypatch: pytest.MonkeyPatch
):
    content.make_type()
    content.publish(content.make_item())
    monkeypatch.setattr(actions, "CHECK_SECONDS", -1.0)

    refusal = content.patch("/content-types/post", {"schema": {"type": "object"}})
    forced_change = content.patch(
        "/content-types/post", {"schema": {"type": "object"}, "allowBreaking": True}
    )

    assert status_and_code(refusal) == (409, "schema_check_too_long")
    assert forced_change.json()["schemaVersion"] == 2


def test_type_with_items_is_not_deleted(content: ContentApi):
    content.make_type()
    item = content.make_item()

    refusal = content.delete("/content-types/post")
    content.delete(f"/content-items/{item['id']}")
    deletion = content.delete("/content-types/post")

    assert status_and_code(refusal) == (409, "content_type_in_use")
    assert deletion.json() == {"ok": True}
    assert status_and_code(content.get("/content-types/post")) == (404, "content_type_not_found")
    # The slug is free again.
    content.make_type()


@pytest.mark.once
def test_statistics_count_items_by_status(content: ContentApi):
    content.make_type()
    content.publish(content.make_item())
    content.make_item()

    (body,) = content.get("/content-types?includeStats=true").json()["items"]

    assert body["stats"]["itemCount"] == 2
    assert body["stats"]["statusCounts"] == {"draft": 1, "published": 1}
    assert body["stats"]["lastItemUpdatedAt"]


def test_statistics_for_readers_count_published_snapshots_only(
    content: ContentApi, visitor: ContentApi, stranger: ContentApi
):
    content.make_type(visibility="public")
    item = content.make_item()
    content.make_item()
    publication = content.publish(item)
    content.patch(f"/content-items/{item['id']}", {"data": {"title": "A draft of it"}})

    for reader in (visitor, stranger):
        for path in ("/content-types?includeStats=true", "/content-types/post?includeStats=true"):
            body = reader.get(path).json()
            stats = body.get("items", [body])[0]["stats"]
            assert (stats["itemCount"], stats["statusCounts"]) == (1, {"published": 1})
            assert stats["lastItemUpdatedAt"] == publication["publishedAt"]
    stats = content.get("/content-types/post?includeStats=true").json()["stats"]
    assert stats["statusCounts"] == {"draft": 2}


@pytest.mark.once
def test_private_type_does_not_exist_for_strangers(
    content: ContentApi, visitor: ContentApi, stranger: ContentApi
):
    content.make_type()
    content.make_type("news", visibility="public")

    assert status_and_code(stranger.get("/content-types/post")) == (404, "content_type_not_found")
    assert status_and_code(visitor.get("/content-types/post")) == (401, "unauthorized")
    for reader in (stranger, visitor):
        assert [t["slug"] for t in reader.get("/content-types").json()["items"]] == ["news"]
        assert reader.get("/content-types/news").status_code == 200


@pytest.mark.once
def test_domain_has_a_limit_of_types(content: ContentApi, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("wordclaw.content.types.actions.MAX_TYPES", 1)
    content.make_type()

    refusal = content.post("/content-types", {"name": "B", "slug": "b", "schema": POST})

    assert status_and_code(refusal) == (409, "too_many_content_types")


@pytest.mark.once
@pytest.mark.parametrize(
    ("kind", "sign"),
    [
        ("jsonschema", '"maxLength": 80'),
        ("typescript", "export type Post ="),
        ("zod", "z.fromJSONSchema("),
        ("python", "class Post(BaseModel):"),
    ],
)
def test_artifact_is_generated_from_the_schema(content: ContentApi, kind: str, sign: str):
    content.make_type()

    response = content.get(f"/content-types/post/artifacts/{kind}")

    assert response.status_code == 200
    assert sign in response.content.decode()


@pytest.mark.once
def test_unknown_and_impossible_artifacts_are_refused(content: ContentApi):
    content.make_type(schema={"type": "object", "patternProperties": {"a": {}}})

    unknown_answer = content.get("/content-types/post/artifacts/cobol")
    impossible = content.get("/content-types/post/artifacts/python")

    assert status_and_code(unknown_answer) == (404, "artifact_not_found")
    assert status_and_code(impossible) == (422, "artifact_impossible")


def test_every_change_is_in_the_audit_log_of_the_domain(content: ContentApi):
    content.make_type()
    content.patch("/content-types/post", {"name": "Article"})
    content.delete("/content-types/post")

    events = content.get("/audit-logs?entityType=content_type").json()["items"]

    assert [event["action"] for event in events] == ["delete", "update", "create"]
    assert {event["user"] for event in events} == {"ada"}
    assert AuditLog.objects.filter(tenant="ada").count() == 3

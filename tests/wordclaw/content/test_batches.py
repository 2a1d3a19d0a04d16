"""Batches, globals and previews by API."""

from datetime import timedelta
from typing import Any

import pytest

from foundation.clock import now
from tests.support.http import status_and_code
from tests.wordclaw.conftest import ContentApi
from wordclaw.content.models import ContentItem

BATCH = "/content-types/post/items/batch"


def test_partial_batch_does_what_it_can(content: ContentApi):
    content.make_type()
    first, second = content.make_item(), content.make_item()

    body = content.post(
        BATCH,
        {
            "items": [
                {"op": "create", "data": {"title": "New"}},
                {"op": "create", "data": {}},
                {"op": "update", "id": first["id"], "data": {"title": "Two"}, "ifMatch": "v1"},
                {"op": "update", "id": first["id"], "data": {"title": "Three"}, "ifMatch": "v1"},
                {"op": "delete", "id": second["id"]},
                {"op": "move", "id": second["id"]},
            ]
        },
    ).json()

    assert body["atomic"] is False
    assert [
        (row["index"], row["ok"], row.get("error", {}).get("code")) for row in body["results"]
    ] == [
        (0, True, None),
        (1, False, "content_schema_validation_failed"),
        (2, True, None),
        (3, False, "version_conflict"),
        (4, True, None),
        (5, False, "invalid_body"),
    ]
    titles = {item.data["title"] for item in ContentItem.objects.alive().filter(domain__name="ada")}
    assert titles == {"New", "Two"}


def test_atomic_batch_does_all_or_nothing(content: ContentApi):
    content.make_type()
    operations = [{"op": "create", "data": {"title": "New"}}, {"op": "create", "data": {}}]

    refusal = content.post(f"{BATCH}?atomic=true", {"items": operations})

    assert status_and_code(refusal) == (400, "batch_failed")
    details = refusal.json()["error"]["details"]
    assert (details["index"], details["error"]["code"]) == (1, "content_schema_validation_failed")
    assert not ContentItem.objects.filter(domain__name="ada").exists()


@pytest.mark.once
@pytest.mark.parametrize(
    ("operations", "refusal"),
    [
        ([], (400, "batch_empty")),
        ([{"op": "delete", "id": "1"}] * 101, (422, "batch_too_large")),
    ],
)
def test_batch_has_1_to_100_operations(
    content: ContentApi, operations: list[Any], refusal: tuple[int, str]
):
    content.make_type()

    assert status_and_code(content.post(BATCH, {"items": operations})) == refusal


def test_singleton_is_written_through_its_global_alone(content: ContentApi, visitor: ContentApi):
    content.make_type("site", kind="singleton", visibility="public")

    missing_answer = content.get("/globals/site")
    creation = content.post("/content-types/site/items", {"data": {"title": "x"}})
    first = content.put("/globals/site", {"data": {"title": "One"}})
    second = content.put("/globals/site", {"data": {"title": "Two"}}, if_match='"v1"')
    hidden_text = visitor.get("/globals/site")
    content.publish(second.json())

    assert status_and_code(missing_answer) == (404, "global_not_found")
    assert status_and_code(creation) == (409, "singleton_exists")
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json()["version"] == 2
    assert status_and_code(hidden_text) == (404, "global_not_found")
    assert visitor.get("/globals/site").json()["data"] == {"title": "Two"}
    assert [row["slug"] for row in visitor.get("/globals").json()["items"]] == ["site"]


def test_collection_of_several_items_cannot_become_a_singleton(content: ContentApi):
    content.make_type()
    content.make_item()
    content.make_item()

    refusal = content.patch("/content-types/post", {"kind": "singleton"})

    assert status_and_code(refusal) == (409, "singleton_requires_one_item")


@pytest.fixture
def token(content: ContentApi) -> str:
    content.make_type()
    item = content.make_item()
    response = content.post(f"/content-items/{item['id']}/preview-token")
    assert response.status_code == 201
    content.put(f"/content-items/{item['id']}", {"data": {"title": "Newest"}})
    return str(response.json()["token"])


@pytest.mark.once
def test_preview_shows_the_newest_version_to_anybody(visitor: ContentApi, token: str):
    response = visitor.get(f"/v1/preview/{token}")

    assert response.json()["data"] == {"title": "Newest"}
    assert response["Cache-Control"] == "no-store"


@pytest.mark.once
def test_preview_ends_with_its_time(
    visitor: ContentApi, token: str, monkeypatch: pytest.MonkeyPatch
):
    later = now() + timedelta(seconds=901)
    monkeypatch.setattr("wordclaw.content.previews.actions.now", lambda: later)

    assert status_and_code(visitor.get(f"/v1/preview/{token}")) == (401, "preview_token_invalid")


def test_altered_and_revoked_previews_are_refused(
    content: ContentApi, visitor: ContentApi, token: str
):
    altered_preview = visitor.get(f"/v1/preview/{token[:-2]}xx")
    item = ContentItem.objects.filter(domain__name="ada").get()
    content.post(f"/content-items/{item.pk}/preview-token/revoke")

    assert status_and_code(altered_preview) == (401, "preview_token_invalid")
    assert status_and_code(visitor.get(f"/v1/preview/{token}")) == (401, "preview_token_invalid")


@pytest.mark.once
@pytest.mark.parametrize("seconds", [59, 3601, "900"])
def test_preview_lasts_a_minute_to_an_hour(content: ContentApi, seconds: Any):
    content.make_type()
    item = content.make_item()

    refusal = content.post(f"/content-items/{item['id']}/preview-token", {"ttlSeconds": seconds})

    assert status_and_code(refusal) == (422, "invalid_body")


@pytest.mark.once
def test_batch_may_have_more_bytes_than_one_item(content: ContentApi):
    content.make_type("free", schema={"type": "object"})
    text = "x" * 900_000
    items = [{"op": "create", "data": {"text": text}} for _ in range(4)]

    answer = content.post("/content-types/free/items/batch", {"items": items})

    assert answer.status_code == 200, answer.content[:200]
    assert all(result["ok"] for result in answer.json()["results"])

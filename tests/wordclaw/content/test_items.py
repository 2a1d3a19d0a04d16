"""Items by API: working copies, versions, publication."""

from collections.abc import Callable
from typing import Any

import pytest

from foundation.limits.declarations import Limit
from tests.support.http import status_and_code
from tests.wordclaw.conftest import ContentApi
from wordclaw.content import space
from wordclaw.content.models import ContentItem, ContentItemVersion
from wordclaw.content.space import CONTENT_BYTES


@pytest.fixture
def item(content: ContentApi) -> dict[str, Any]:
    content.make_type(visibility="public")
    return content.make_item(data={"title": "One", "stars": 3})


def path_of(item: dict[str, Any], suffix: str = "") -> str:
    return f"/content-items/{item['id']}{suffix}"


@pytest.mark.once
def test_new_item_is_a_draft_of_version_1(content: ContentApi, item: dict[str, Any]):
    assert item | {"id": "", "createdAt": "", "updatedAt": ""} == {
        "id": "",
        "domain": "ada",
        "contentType": "post",
        "data": {"title": "One", "stars": 3},
        "status": "draft",
        "version": 1,
        "publicationState": "draft",
        "workingCopyVersion": 1,
        "publishedVersion": None,
        "publishedAt": None,
        "schemaVersion": 1,
        "author": "ada",
        "createdAt": "",
        "updatedAt": "",
    }


def test_every_change_of_data_or_state_is_a_version(content: ContentApi, item: dict[str, Any]):
    content.put(path_of(item), {"data": {"title": "Two"}, "message": "Shorter"})
    publication = content.publish(item)
    edited_item = content.patch(path_of(item), {"data": {"stars": 5}}).json()

    rows = content.get(path_of(item, "/versions")).json()["items"]
    assert (publication["version"], publication["publicationState"]) == (3, "published")
    assert (edited_item["version"], edited_item["publicationState"]) == (4, "changed")
    assert (edited_item["publishedVersion"], edited_item["data"]) == (
        3,
        {"title": "Two", "stars": 5},
    )
    assert [(row["version"], row["status"], row["message"]) for row in rows] == [
        (4, "draft", ""),
        (3, "published", ""),
        (2, "draft", "Shorter"),
        (1, "draft", ""),
    ]


@pytest.mark.once
def test_without_free_space_nothing_is_stored(content: ContentApi, item: dict[str, Any], settings):
    settings.RESERVED_DISK_MIB = 10**12

    refusal = content.put(path_of(item), {"data": {"title": "Two"}})

    assert status_and_code(refusal) == (507, "insufficient_storage")
    assert content.get(path_of(item) + "?draft=true").json()["data"] == item["data"]


@pytest.mark.once
def test_account_that_wrote_very_much_has_to_wait(
    content: ContentApi, item: dict[str, Any], settings, monkeypatch: pytest.MonkeyPatch
):
    settings.LIMITS_ON = True
    limit = Limit(CONTENT_BYTES, 2, 3600, "user")
    monkeypatch.setattr(space, "get_limit", lambda name: limit)

    answers = [content.put(path_of(item), {"data": {"title": f"T{n}"}}) for n in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["error"]["details"]["limit"] == CONTENT_BYTES
    assert content.get(path_of(item) + "?draft=true").json()["version"] == 3


@pytest.mark.once
def test_readers_get_the_published_version_and_nothing_newer(
    content: ContentApi, visitor: ContentApi, stranger: ContentApi, item: dict[str, Any]
):
    for reader in (visitor, stranger):
        assert reader.get(path_of(item)).status_code == 404
        assert reader.get("/content-types/post/items").json() == {"items": []}
    content.publish(item)
    content.put(path_of(item), {"data": {"title": "Secret"}})

    for reader in (visitor, stranger):
        response = reader.get(path_of(item))
        (row,) = reader.get("/content-types/post/items").json()["items"]
        assert response["ETag"] == '"v2"'
        assert row == response.json()
        assert row["data"] == {"title": "One", "stars": 3}
        assert (row["version"], row["workingCopyVersion"], row["publicationState"]) == (
            2,
            2,
            "published",
        )
        assert reader.get(path_of(item, "?draft=true")).status_code in (401, 404)
        assert reader.get(path_of(item, "/versions")).status_code in (401, 404)
        assert reader.get("/content-types/post/items?draft=true").status_code in (401, 404)
    member = content.get(path_of(item, "?draft=true"))
    assert (member.json()["data"], member["ETag"]) == ({"title": "Secret"}, '"v3"')


@pytest.mark.once
def test_members_get_the_published_version_without_draft(content: ContentApi, item: dict[str, Any]):
    assert status_and_code(content.get(path_of(item))) == (404, "content_item_not_found")


@pytest.mark.once
def test_stale_version_is_refused_with_the_present_one(content: ContentApi, item: dict[str, Any]):
    content.put(path_of(item), {"data": {"title": "Two"}}, if_match='"v1"')

    refusal = content.put(path_of(item), {"data": {"title": "Three"}}, if_match='"v1"')

    assert status_and_code(refusal) == (412, "version_conflict")
    assert refusal.json()["error"]["details"]["current"] == 2
    assert ContentItem.objects.filter(domain__name="ada").get().data == {"title": "Two"}


@pytest.mark.once
@pytest.mark.parametrize("tag", ['"7"', "v-1", "abc", '"v99999999999"', ""])
def test_malformed_tag_is_refused(content: ContentApi, item: dict[str, Any], tag: str):
    refusal = content.put(path_of(item), {"data": {"title": "Two"}}, if_match=tag)

    assert status_and_code(refusal) == (400, "invalid_if_match")


def test_invalid_data_is_refused_with_all_errors(content: ContentApi, item: dict[str, Any]):
    refusal = content.put(path_of(item), {"data": {"title": "", "stars": "3", "other": 1}})

    assert status_and_code(refusal) == (422, "content_schema_validation_failed")
    errors = refusal.json()["error"]["details"]["errors"]
    assert {(error["pointer"], error["keyword"]) for error in errors} == {
        ("/title", "minLength"),
        ("/stars", "type"),
        ("", "additionalProperties"),
    }
    assert ContentItemVersion.objects.filter(item__domain__name="ada").count() == 1


@pytest.mark.once
@pytest.mark.parametrize("field", ["id", "version", "status", "domainId", "createdAt", "author"])
def test_only_data_and_message_can_be_set(content: ContentApi, item: dict[str, Any], field: str):
    refusals = [
        content.put(path_of(item), {"data": {"title": "Two"}, field: "x"}),
        content.post("/content-types/post/items", {"data": {"title": "Two"}, field: "x"}),
    ]

    for refusal in refusals:
        assert status_and_code(refusal) == (422, "unknown_field")
        details = refusal.json()["error"]["details"]
        assert (details["fields"], details["errors"][0]["pointer"]) == ([field], f"/{field}")
        # The advice is added late; a length from before would cut it off.
        assert int(refusal["Content-Length"]) == len(refusal.content)
    assert ContentItem.objects.filter(domain__name="ada").get().version == 1


def test_rollback_makes_a_draft_and_readers_keep_the_snapshot(
    content: ContentApi, visitor: ContentApi, item: dict[str, Any]
):
    content.put(path_of(item), {"data": {"title": "Two"}})
    content.publish(item)

    rollback = content.post(path_of(item, "/rollback"), {"version": 1}).json()

    assert (rollback["version"], rollback["status"], rollback["publicationState"]) == (
        4,
        "draft",
        "changed",
    )
    assert rollback["data"] == {"title": "One", "stars": 3}
    assert visitor.get(path_of(item)).json()["data"] == {"title": "Two"}
    (event,) = content.get("/audit-logs?action=rollback").json()["items"]
    assert (event["details"]["fromVersion"], event["details"]["toVersion"]) == (3, 1)


@pytest.mark.once
def test_rollback_is_checked_with_the_present_schema(content: ContentApi, item: dict[str, Any]):
    content.put(path_of(item), {"data": {"title": "Two"}})
    content.patch(
        "/content-types/post", {"schema": {"type": "object", "properties": {"stars": False}}}
    )

    refusal = content.post(path_of(item, "/rollback"), {"version": 1})
    missing_answer = content.post(path_of(item, "/rollback"), {"version": 9})

    assert status_and_code(refusal) == (422, "content_schema_validation_failed")
    assert status_and_code(missing_answer) == (404, "version_not_found")


@pytest.mark.once
def test_versions_are_compared_field_by_field(content: ContentApi, item: dict[str, Any]):
    content.put(path_of(item), {"data": {"title": "Two", "tags": ["a"]}})

    body = content.get(path_of(item, "/versions/1...2")).json()
    # PostgreSQL returns the keys of a document in an order of its own.
    body["changes"].sort(key=lambda change: change["pointer"])

    assert body == {
        "from": 1,
        "to": 2,
        "changes": [
            {"pointer": "/stars", "op": "remove", "before": 3},
            {"pointer": "/tags", "op": "add", "after": ["a"]},
            {"pointer": "/title", "op": "replace", "before": "One", "after": "Two"},
        ],
    }
    assert content.get(path_of(item, "/versions/1")).json()["data"] == item["data"]


@pytest.mark.once
@pytest.mark.parametrize("change", ["unpublish", "archive"])
def test_withdrawn_item_is_gone_for_readers_and_stays_for_members(
    content: ContentApi, visitor: ContentApi, item: dict[str, Any], change: str
):
    content.publish(item)

    body = content.post(path_of(item, f"/{change}")).json()

    assert (body["publicationState"], body["publishedVersion"]) == ("unpublished", None)
    assert body["status"] == {"unpublish": "draft", "archive": "archived"}[change]
    assert visitor.get(path_of(item)).status_code == 404
    assert visitor.get("/content-types/post/items").json() == {"items": []}
    assert content.get(path_of(item, "?draft=true")).json()["data"] == item["data"]


@pytest.mark.once
def test_unpublishing_a_draft_is_refused(content: ContentApi, item: dict[str, Any]):
    assert status_and_code(content.post(path_of(item, "/unpublish"))) == (
        409,
        "item_not_published",
    )


@pytest.mark.once
def test_published_item_is_not_published_again(content: ContentApi, item: dict[str, Any]):
    content.publish(item)

    assert content.publish(item)["version"] == 2


@pytest.mark.once
def test_deleted_item_is_gone_and_an_admin_restores_it(
    content: ContentApi, visitor: ContentApi, item: dict[str, Any]
):
    content.publish(item)

    deletion = content.delete(path_of(item))
    for reader in (content, visitor):
        assert reader.get(path_of(item)).status_code == 404
    restoration = content.post(path_of(item, "/restore"))

    assert deletion.json() == {"ok": True}
    assert (restoration.json()["status"], restoration.json()["publicationState"]) == (
        "draft",
        "unpublished",
    )
    assert restoration.json()["data"] == item["data"]
    assert visitor.get(path_of(item)).status_code == 404


@pytest.mark.once
def test_item_of_another_domain_does_not_exist(
    content: ContentApi, stranger: ContentApi, item: dict[str, Any]
):
    stranger.base = "/v1/domains/grace"
    attempts = [
        stranger.get(path_of(item, "?draft=true")),
        stranger.get(path_of(item)),
        stranger.put(path_of(item), {"data": {"title": "Mine"}}),
        stranger.patch(path_of(item), {"data": {}}),
        stranger.post(path_of(item, "/publish")),
        stranger.post(path_of(item, "/rollback"), {"version": 1}),
        stranger.post(path_of(item, "/preview-token")),
        stranger.delete(path_of(item)),
        stranger.get(path_of(item, "/versions")),
        stranger.get(path_of(item, "/used-by")),
    ]

    assert {status_and_code(row) for row in attempts} == {(404, "content_item_not_found")}
    assert ContentItem.objects.filter(domain__name="ada").get().data == item["data"]


@pytest.mark.once
def test_list_of_any_length_takes_a_constant_number_of_queries(
    content: ContentApi, queries_of: Callable[[str], int]
):
    content.make_type(visibility="public")
    path = f"{content.base}/content-types/post/items"
    content.publish(content.make_item())
    count = queries_of(path)
    for _ in range(4):
        content.publish(content.make_item())

    assert queries_of(path) == count

"""References between items, and to agents."""

from typing import Any

import pytest

from registry.models import Agent
from tests.support.http import status_and_code
from tests.wordclaw.conftest import ContentApi


def linked(item: dict[str, Any]) -> dict[str, Any]:
    return {"title": "Linked", "next": {"contentItemId": item["id"]}}


@pytest.mark.once
def test_used_by_tells_present_from_former_references(content: ContentApi):
    content.make_type()
    target = content.make_item()
    source = content.make_item(data=linked(target))
    content.publish(source)
    content.put(f"/content-items/{source['id']}", {"data": {"title": "No link"}})
    other = content.make_item(data=linked(target))
    content.put(f"/content-items/{other['id']}", {"data": {"title": "No link"}})

    uses = content.get(f"/content-items/{target['id']}/used-by").json()

    assert uses["activeReferenceCount"] == 1
    assert uses["activeReferences"] == [
        {"contentItemId": source["id"], "contentType": "post", "version": 2, "pointer": "/next"}
    ]
    assert uses["historicalReferenceCount"] == 2
    assert {use["contentItemId"] for use in uses["historicalReferences"]} == {
        source["id"],
        other["id"],
    }


def test_used_item_is_not_deleted(content: ContentApi):
    content.make_type()
    target = content.make_item()
    source = content.make_item(data=linked(target))

    refusal = content.delete(f"/content-items/{target['id']}")
    content.delete(f"/content-items/{source['id']}")

    assert status_and_code(refusal) == (409, "content_item_in_use")
    assert refusal.json()["error"]["details"]["references"] == [
        {"contentItemId": source["id"], "pointer": "/next"}
    ]
    assert content.delete(f"/content-items/{target['id']}").status_code == 200


@pytest.mark.once
@pytest.mark.parametrize("target", ["not-a-uuid", "00000000-0000-0000-0000-000000000001"])
def test_reference_to_nothing_is_refused(content: ContentApi, target: str):
    content.make_type()

    refusal = content.post(
        "/content-types/post/items",
        {"data": {"title": "x", "next": {"contentItemId": target}}},
    )

    assert status_and_code(refusal) == (422, "content_reference_invalid")
    assert refusal.json()["error"]["details"]["pointer"] == "/next"


@pytest.mark.once
def test_reference_to_another_domain_is_refused(content: ContentApi, stranger: ContentApi):
    stranger.base = "/v1/domains/grace"
    stranger.make_type()
    foreign = stranger.make_item()
    content.make_type()

    refusal = content.post("/content-types/post/items", {"data": linked(foreign)})

    assert status_and_code(refusal) == (422, "content_reference_invalid")


@pytest.mark.once
def test_reference_to_another_type_is_refused(content: ContentApi):
    content.make_type()
    content.make_type("page", schema={"type": "object"})
    page = content.make_item("page", {"any": 1})

    refusal = content.post("/content-types/post/items", {"data": linked(page)})

    assert status_and_code(refusal) == (422, "content_reference_type_mismatch")


@pytest.mark.once
def test_reference_to_an_agent_must_be_listed(content: ContentApi, coach: Agent):
    manifest = {"fields": [{"name": "agents", "type": "agent-ref-list"}]}
    content.make_type("list", schemaManifest=manifest)

    good = content.post(
        "/content-types/list/items", {"data": {"agents": [{"agent": "@ada/coach"}]}}
    )
    bad = content.post(
        "/content-types/list/items",
        {"data": {"agents": [{"agent": "@ada/coach"}, {"agent": "@ada/none"}]}},
    )

    assert good.status_code == 201
    assert status_and_code(bad) == (422, "agent_reference_invalid")
    assert bad.json()["error"]["details"]["pointer"] == "/agents/1"

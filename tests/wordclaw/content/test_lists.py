"""Filters, orders and pages of items."""

from typing import Any

import pytest

from tests.support.http import status_and_code
from tests.wordclaw.conftest import ContentApi
from wordclaw.content.items import listing

LIST = "/content-types/post/items"


@pytest.fixture
def posts(content: ContentApi) -> ContentApi:
    content.make_type()
    for title, stars, is_open in (("Banana", 3, True), ("apple", 10, False), ("Äpfel", None, True)):
        data: dict[str, Any] = {"title": title, "is_open": is_open}
        content.make_item(data=data if stars is None else data | {"stars": stars})
    return content


def titles(posts: ContentApi, query: str) -> list[str]:
    response = posts.get(f"{LIST}?draft=true&{query}")
    assert response.status_code == 200, response.content
    return [item["data"]["title"] for item in response.json()["items"]]


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("filter[title]=Banana", ["Banana"]),
        ("filter[stars]=10", ["apple"]),
        ("filter[stars][gte]=3&sort=data.stars", ["Banana", "apple"]),
        ("filter[stars][lte]=3", ["Banana"]),
        ("filter[is_open]=true&filter[stars][gte]=0", ["Banana"]),
        ("filter[title][contains]=PPL", ["apple"]),
        ("filter[title][contains]=%C3%84pf", ["Äpfel"]),
        ("q=%C3%84pfel", ["Äpfel"]),
        ("status=published", []),
        ("createdAfter=2100-01-01T00:00:00Z", []),
        ("createdBefore=2100-01-01T00:00:00Z&filter[title]=apple", ["apple"]),
    ],
)
def test_filter_finds_its_items(posts: ContentApi, query: str, matches: list[str]):
    assert titles(posts, query) == matches


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("filter[nope]=1", (400, "filter_requires_known_field")),
        ("filter[title][like]=1", (400, "filter_requires_known_field")),
        ("filter[title__x]=1", (400, "filter_requires_known_field")),
        ("sort=data.nope", (400, "filter_requires_known_field")),
        ("sort=password", (400, "filter_requires_known_field")),
        ("filter[stars]=three", (400, "invalid_parameter")),
        ("filter[stars]=nan", (400, "invalid_parameter")),
        ("filter[is_open]=maybe", (400, "invalid_parameter")),
        ("createdAfter=yesterday", (400, "invalid_parameter")),
        ("createdAfter=2026-01-01T00:00:00", (400, "invalid_parameter")),
        ("cursor=abc", (400, "invalid_cursor")),
        ("limit=0", (400, "invalid_parameter")),
        ("q=" + "x" * 300, (400, "invalid_parameter")),
    ],
)
def test_wrong_parameter_is_refused(posts: ContentApi, query: str, refusal: tuple[int, str]):
    response = posts.get(f"{LIST}?draft=true&{query}")

    assert status_and_code(response) == refusal
    assert response.json()["error"]["remediation"]


@pytest.mark.parametrize(
    "sort", ["updatedAt", "-updatedAt", "createdAt", "-version", "data.title", "-data.stars"]
)
@pytest.mark.parametrize("draft", ["true", "false"])
def test_pages_visit_each_item_once(content: ContentApi, sort: str, draft: str):
    content.make_type()
    ids = set()
    for number in range(5):
        item = content.make_item(data={"title": f"T{number % 2}", "stars": number % 3})
        content.publish(item)
        ids.add(item["id"])
    content.publish(content.make_item(data={"title": "without stars"}))

    ids_in_pages: list[str] = []
    path = f"{LIST}?limit=2&sort={sort}&draft={draft}"
    cursor = ""
    while True:
        page = content.get(path + cursor).json()
        ids_in_pages += [item["id"] for item in page["items"]]
        if "nextCursor" not in page:
            break
        cursor = f"&cursor={page['nextCursor']}"

    assert len(ids_in_pages) == len(set(ids_in_pages)) == 6
    assert ids < set(ids_in_pages)


@pytest.mark.parametrize("draft", ["true", "false"])
def test_row_of_a_list_is_the_item(content: ContentApi, draft: str):
    content.make_type()
    item = content.make_item(data={"title": 'Äpfel "quoted"\n', "stars": 3, "tags": ["a"]})
    content.publish(item)
    content.put(f"/content-items/{item['id']}", {"data": {"title": "newer", "tags": []}})

    rows = content.get(f"{LIST}?draft={draft}").json()["items"]

    assert rows == [content.get(f"/content-items/{item['id']}?draft={draft}").json()]
    assert rows[0]["author"] == "ada"


def test_lists_of_one_form_are_those_of_their_type_and_state(content: ContentApi):
    content.make_type()
    content.make_type("note")
    content.publish(content.make_item(data={"title": "A post"}))
    content.make_item("note", data={"title": "A note"})
    content.publish(content.make_item("note", data={"title": "Another"}))

    def titles_of(slug: str, status: str) -> list[str]:
        path = f"/content-types/{slug}/items?draft=true&sort=createdAt&status={status}"
        return [row["data"]["title"] for row in content.get(path).json()["items"]]

    assert titles_of("post", "published") == ["A post"]
    assert titles_of("note", "published") == ["Another"]
    assert titles_of("note", "draft") == ["A note"]


def test_cursor_of_another_order_is_refused(content: ContentApi):
    content.make_type()
    for _ in range(2):
        content.make_item()
    page = content.get(f"{LIST}?draft=true&limit=1").json()

    refusal = content.get(f"{LIST}?draft=true&sort=createdAt&cursor={page['nextCursor']}")

    assert status_and_code(refusal) == (400, "invalid_cursor")


def test_filters_of_readers_look_at_the_published_version(content: ContentApi, visitor: ContentApi):
    content.make_type(visibility="public")
    item = content.make_item(data={"title": "Open"})
    content.publish(item)
    content.put(f"/content-items/{item['id']}", {"data": {"title": "Secret"}})

    assert visitor.get(f"{LIST}?filter[title]=Secret").json()["items"] == []
    assert visitor.get(f"{LIST}?q=Secret").json()["items"] == []
    assert len(visitor.get(f"{LIST}?filter[title]=Open&sort=data.title").json()["items"]) == 1


def test_localized_list_answers_in_the_language(content: ContentApi):
    manifest = {
        "fields": [{"name": "title", "type": "text", "required": True, "localized": True}],
        "localization": {"supportedLocales": ["en", "nl"], "defaultLocale": "en"},
    }
    content.make_type(schemaManifest=manifest)
    content.make_item(data={"title": {"en": "Hello", "nl": "Hallo"}})
    content.make_item(data={"title": {"en": "Bye"}})

    rows = content.get(f"{LIST}?draft=true&locale=nl&sort=data.title").json()["items"]
    hits = content.get(f"{LIST}?draft=true&locale=nl&filter[title]=Hallo").json()["items"]

    assert [row["data"]["title"] for row in rows] == ["Hallo", "Bye"]
    assert rows[1]["localeResolution"]["fallbackFieldCount"] == 1
    assert len(hits) == 1
    assert status_and_code(content.get(f"{LIST}?locale=fr")) == (400, "unsupported_locale")
    assert status_and_code(content.get(f"{LIST}?fallbackLocale=nl")) == (400, "locale_required")


def test_list_that_takes_too_long_is_refused(
    content: ContentApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    content.make_type("free", schema={"type": "object"})
    for _ in range(12):
        content.make_item("free", {"text": ["word " * 40] * 500})
    path = "/content-types/free/items?draft=true&q=nowhere"
    monkeypatch.setattr(listing, "MAX_SECONDS", 0.001)

    refusal = content.get(path)

    assert status_and_code(refusal) == (503, "query_too_long")
    assert int(refusal["Retry-After"]) > 0
    monkeypatch.setattr(listing, "MAX_SECONDS", 60.0)
    assert content.get(path).json() == {"items": []}

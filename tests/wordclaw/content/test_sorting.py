"""Lists sorted by a field whose values are stored."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from foundation.jobs.actions import run_due_jobs
from tests.wordclaw.conftest import POST, ContentApi
from wordclaw.content import sorting
from wordclaw.content.items.filters import ItemFilters, filtered_items, ordered_items
from wordclaw.content.models import ContentSortValue, ContentType

PLAIN: dict[str, Any] = POST["properties"]
MARK = {"x-wordclaw-indexed": True}
MARKED = POST | {
    "properties": PLAIN
    | {
        "title": {"type": "string", **MARK},
        "stars": {"type": ["number", "null"], **MARK},
        "tags": PLAIN["tags"] | MARK,
    }
}
UNMARKED = POST | {
    "properties": PLAIN | {"title": {"type": "string"}, "stars": {"type": ["number", "null"]}}
}
DOCUMENTS: list[dict[str, Any]] = [
    *({"title": title, "stars": stars} for title, stars in (("b", 3), ("B", -2.5), ("", 10))),
    *({"title": title, "stars": stars} for title, stars in (("Äpfel", -0.0), ("a b", 1e15))),
    *({"title": title, "stars": stars} for title, stars in (("ab", 2**60), ("é", None))),
    *({"title": "ab", "stars": 0}, {"title": "no stars"}, {"title": "b", "stars": -30}),
]


def listed(content: ContentApi, sort: str, draft: bool) -> list[Any]:
    """The data of all items, read in pages of three."""
    path = f"/content-types/post/items?limit=3&sort={sort}&draft={str(draft).lower()}"
    rows, cursor = [], ""
    while True:
        page = content.get(path + cursor).json()
        rows += [(row["id"], row["data"]) for row in page["items"]]
        if "nextCursor" not in page:
            return rows
        cursor = f"&cursor={page['nextCursor']}"


def all_lists(content: ContentApi) -> dict[tuple[str, bool], list[Any]]:
    sorts = ("data.title", "-data.title", "data.stars", "-data.stars")
    return {
        (sort, draft): listed(content, sort, draft) for sort in sorts for draft in (True, False)
    }


def mark(content: ContentApi, schema: dict[str, Any]) -> ContentType:
    response = content.patch("/content-types/post", {"schema": schema})
    assert response.status_code == 200, response.content
    return ContentType.objects.get(domain__name="ada", slug="post")


def write_items(content: ContentApi) -> None:
    """Items in every state, each change after the values are stored."""
    items = [content.make_item(data=data) for data in DOCUMENTS]
    for item in items[:7]:
        content.publish(item)
    first, second, third, fourth, fifth = (f"/content-items/{item['id']}" for item in items[:5])
    content.patch(first, {"data": {"stars": 99, "title": "changed"}})
    content.post(f"{second}/unpublish")
    content.post(f"{third}/archive")
    content.delete(fourth)
    content.delete(fifth)
    content.post(f"{fifth}/restore")
    content.patch(first, {"data": {"title": "again"}})
    content.post(f"{first}/rollback", {"version": 3})


def test_stored_values_give_the_order_of_the_documents(content: ContentApi):
    content.make_type(schema=MARKED)
    write_items(content)

    lists = all_lists(content)
    call_command("recount")
    content_type = mark(content, UNMARKED)

    assert content_type.sorted_fields == {}
    assert not ContentSortValue.objects.exists()
    assert lists == all_lists(content)
    assert len(lists["data.stars", True]) == 9
    assert mark(content, MARKED).sorted_fields == {"title": "text", "stars": "number"}
    assert lists == all_lists(content)


def test_job_stores_the_values_of_many_items(content: ContentApi, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sorting, "MAX_ITEMS_AT_ONCE", 3)
    monkeypatch.setattr(sorting, "BATCH_SIZE", 2)
    content.make_type(schema=UNMARKED)
    write_items(content)
    plain = all_lists(content)
    path = "/content-types/post/items?draft=true&limit=2&sort=data.stars"
    cursor = content.get(path).json()["nextCursor"]

    assert mark(content, MARKED).sorted_fields == {}
    assert all_lists(content) == plain
    run_due_jobs()

    fields = ContentType.objects.get(domain__name="ada", slug="post").sorted_fields
    assert fields == {"title": "text", "stars": "number"}
    assert all_lists(content) == plain
    assert content.get(f"{path}&cursor={cursor}").json()["error"]["code"] == "invalid_cursor"
    mark(content, UNMARKED)
    run_due_jobs()
    assert not ContentSortValue.objects.exists()


def test_recount_finds_and_repairs_values(content: ContentApi):
    content.make_type(schema=MARKED)
    write_items(content)
    lists = all_lists(content)
    ContentSortValue.objects.filter(field="stars").update(ascending_key="1wrong")
    ContentSortValue.objects.filter(field="title", is_draft=True).delete()

    with pytest.raises(CommandError, match="differences"):
        call_command("recount")
    call_command("recount", "--repair")

    call_command("recount")
    assert lists == all_lists(content)


def test_long_texts_are_ordered_by_their_beginning(content: ContentApi):
    content.make_type(schema=MARKED)
    texts = ["a" * 200 + "b", "a" * 200 + "a", "a" * 199]
    ids = [content.make_item(data={"title": text})["id"] for text in texts]

    rows = listed(content, "data.title", draft=True)

    assert [item_id for item_id, _ in rows] == [ids[2], *sorted(ids[:2])]


@pytest.mark.once
@pytest.mark.parametrize("sort", ["data.stars", "-data.stars"])
@pytest.mark.parametrize("draft", [True, False])
def test_stored_order_is_read_from_its_index(content: ContentApi, sort: str, draft: bool):
    content.make_type(schema=MARKED)
    write_items(content)
    content_type = ContentType.objects.get(domain__name="ada", slug="post")

    filters = ItemFilters(draft=draft, sort=sort)
    items, order = ordered_items(content_type, filtered_items(content_type, filters), filters)
    plan = items.order_by(*[column.order_by() for column in order])[:21].explain()

    assert "sort_values_" in plan.splitlines()[0], plan
    assert "TEMP B-TREE" not in plan

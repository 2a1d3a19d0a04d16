"""Titles and languages that are stored with items for lists."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from foundation.jobs.actions import run_due_jobs
from tests.support.catalogue import delete_all_rows
from tests.wordclaw.conftest import POST, ContentApi
from wordclaw.content.models import ContentItem
from wordclaw.content.summaries import (
    ItemSummary,
    LanguageCoverage,
    read_summaries,
    store_missing_summaries,
    wrong_summaries,
)

MANIFEST: dict[str, Any] = {
    "fields": [
        {"name": "text", "type": "textarea"},
        {"name": "title", "type": "text", "localized": True},
    ],
    "localization": {"supportedLocales": ["en", "nl"], "defaultLocale": "en"},
}


def titles() -> list[str]:
    """All stored titles; the summaries are those of the data."""
    assert list(wrong_summaries()) == []
    items = own_items().filter(summary_schema=F("content_type__schema_version"))
    return sorted(items.values_list("title", flat=True))


def own_items() -> Any:
    """The items of Ada's domain: that of the store has some from the start."""
    return ContentItem.objects.filter(domain__name="ada")


@pytest.mark.once
def test_every_write_of_data_stores_the_title(content: ContentApi) -> None:
    content.make_type()
    item = content.make_item(data={"title": "  One\n two "})
    assert titles() == ["One two"]
    address = f"/content-items/{item['id']}"
    content.publish(item)
    content.put(address, {"data": {"title": "x" * 80, "stars": 1}})
    assert titles() == ["x" * 80]
    content.patch(address, {"data": {"title": "Patched"}})
    assert titles() == ["Patched"]
    assert content.post(f"{address}/rollback", {"version": 1}).status_code == 200
    assert titles() == ["One two"]
    operations = [
        {"op": "create", "data": {"title": "Of a batch"}},
        {"op": "update", "id": item["id"], "data": {"title": "Batched"}},
    ]
    answer = content.post("/content-types/post/items/batch", {"items": operations})
    assert answer.status_code == 200, answer.content
    assert titles() == ["Batched", "Of a batch"]
    content.delete(address)
    assert content.post(f"{address}/restore").status_code == 200
    assert titles() == ["Batched", "Of a batch"]
    content.make_type("front", kind="singleton")
    assert content.put("/globals/front", {"data": {"title": "Welcome"}}).status_code in (200, 201)
    assert titles() == ["Batched", "Of a batch", "Welcome"]


def test_languages_are_stored_and_read_without_documents(content: ContentApi) -> None:
    content.make_type(schemaManifest=MANIFEST)
    content.make_item(data={"title": {"nl": "Hallo", "en": "Hello"}, "text": "First by order"})
    content.make_item(data={"title": {"en": "Only English"}})
    content.make_item(data={"text": "No title"})
    with CaptureQueriesContext(connection) as queries:
        items = list(own_items().for_lists().order_by("created_at"))
        summaries = read_summaries(items)
    assert len(queries) == 1
    assert '"data"' not in queries[0]["sql"]
    assert [summaries[item.pk] for item in items] == [
        ItemSummary("Hello", [LanguageCoverage("en", 1, 1), LanguageCoverage("nl", 1, 1)]),
        ItemSummary("Only English", [LanguageCoverage("en", 1, 1), LanguageCoverage("nl", 0, 1)]),
        ItemSummary("No title", [LanguageCoverage("en", 0, 0), LanguageCoverage("nl", 0, 0)]),
    ]


def test_a_changed_schema_makes_titles_anew(content: ContentApi) -> None:
    """Lists read the documents until the job has run."""
    content.make_type(schema=POST | {"properties": POST["properties"] | {"name": {}}})
    content.make_item(data={"title": "Title", "name": "Name"})
    properties = {name: part for name, part in POST["properties"].items() if name != "title"}
    schema = {"type": "object", "properties": properties | {"name": {"type": "string"}}}
    assert content.patch("/content-types/post", {"schema": schema}).status_code == 200

    def listed() -> list[str]:
        rows = read_summaries(list(own_items().for_lists()))
        return [summary.title for summary in rows.values()]

    assert (listed(), titles()) == (["Name"], [])
    run_due_jobs()
    assert (listed(), titles()) == (["Name"], ["Name"])
    own_items().update(title="Wrong")
    with pytest.raises(CommandError, match="1 differences"):
        call_command("recount", stdout=StringIO())
    call_command("recount", "--repair", stdout=StringIO())
    assert titles() == ["Name"]
    # Of items that were made by a migration, or before there were titles.
    own_items().update(summary_schema=0, title="")
    assert store_missing_summaries() >= 1
    assert (titles(), store_missing_summaries()) == (["Name"], 0)


@pytest.mark.once
def test_an_import_stores_titles(content: ContentApi, tmp_path: Path) -> None:
    content.make_type()
    content.make_item(data={"title": "One"})
    call_command("export_catalogue", str(tmp_path), "--private", stdout=StringIO())
    row = json.loads((tmp_path / "content_items.jsonl").read_text().splitlines()[0])
    assert not {"title", "coverage", "summary_schema"} & row.keys()
    delete_all_rows()
    call_command("import_catalogue", str(tmp_path), stdout=StringIO())
    assert titles() == ["One"]

"""Summaries of items for lists: the title, and how much is translated.

Stored with each item, because a list of many items must not read documents of a megabyte. A summary
belongs to one schema of the type: when that changes, a job makes the summaries of its items anew,
and until then lists read the documents.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import astuple, dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet

from foundation.batches import in_batches
from foundation.bulk_writes import BulkUpdate
from foundation.jobs.actions import enqueue
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.models.items import TITLE_LENGTH
from wordclaw.content.rules import compiled_schema
from wordclaw.schema.compiled import CompiledSchema
from wordclaw.schema.extensions import Localization
from wordclaw.schema.locales import resolve_locale

# Stored with every waiting job: a new name would leave those without a function.
STORE_SUMMARIES = "content.store_summaries"
QUEUE = "content"
# Documents have up to a megabyte each.
BATCH_SIZE = 50
TITLE_NAMES = ("title", "name", "label", "heading", "headline", "question", "subject", "slug")
MAX_TITLE_LENGTH = TITLE_LENGTH - 1
# More columns do not fit on a screen beside each other.
MAX_COLUMNS = 3
"""Languages that are always shown; of more, those in use are."""


@dataclass(frozen=True, slots=True)
class LanguageCoverage:
    """How many of an item's localized fields are filled in one language."""

    language: str
    filled_count: int
    total: int

    @property
    def is_complete(self) -> bool:
        return self.filled_count == self.total


@dataclass(frozen=True, slots=True)
class ItemSummary:
    """``title`` is "" for data without a text at the top."""

    title: str = ""
    coverage: list[LanguageCoverage] = field(default_factory=list)


def summary_of(content_type: ContentType, data: Any) -> ItemSummary:
    return ItemSummary(title_in(content_type, data), coverage_of(content_type, data))


def title_in(content_type: ContentType, data: Any) -> str:
    """Return the title in an item's data; "" without a text.

    That of the title field, else the first text.
    """
    schema = compiled_schema(content_type)
    values = data if isinstance(data, dict) else {}
    names = [name for name in TITLE_NAMES if name in schema.properties]
    # Types are made by publishers, so a title is guessed by name and then by order.
    names += [name for name in schema.properties if name not in names]
    for name in names:
        text = _text_of(schema, name, values.get(name))
        if text:
            return f"{text[:MAX_TITLE_LENGTH]}…" if len(text) > MAX_TITLE_LENGTH else text
    return ""


def _text_of(schema: CompiledSchema, name: str, value: Any) -> str:
    if schema.is_localized(name) and isinstance(value, dict) and schema.localization:
        translations = [value.get(schema.localization.default), *value.values()]
        texts = (text for text in translations if isinstance(text, str) and text)
        value = next(texts, "")
    return " ".join(value.split()) if isinstance(value, str) else ""


def coverage_of(content_type: ContentType, data: dict[str, Any]) -> list[LanguageCoverage]:
    """Return the coverage of the languages that are used or of which there are few."""
    schema = compiled_schema(content_type)
    if schema.localization is None:
        return []
    tags = shown_languages(schema.localization, data)
    return [
        _coverage_in(schema.schema, data, schema.localization, tag)
        for tag in schema.localization.supported_tags
        if tag in tags
    ]


def _coverage_in(
    schema: dict[str, Any], data: dict[str, Any], localization: Localization, language: str
) -> LanguageCoverage:
    _, resolution = resolve_locale(schema, data, localization, locale=language)
    count = resolution.resolved_count - resolution.from_fallback
    return LanguageCoverage(language, count, resolution.localized_count)


def shown_languages(
    localization: Localization, document: Any, more_tags: Iterable[str] = ()
) -> frozenset[str]:
    """Return the languages to show: the default, used ones, ``more_tags``."""
    supported_tags = frozenset(localization.supported_tags)
    if len(supported_tags) <= MAX_COLUMNS:
        return supported_tags
    used_tags = _languages_in(document, supported_tags)
    return used_tags | {localization.default} | (supported_tags & set(more_tags))


def _languages_in(document: Any, supported_tags: frozenset[str]) -> frozenset[str]:
    """The languages of all values that look like a map of languages."""
    used_tags: set[str] = set()
    stack = [document]
    while stack:
        value = stack.pop()
        if isinstance(value, dict):
            # Told by the value alone, because this runs before the schema is walked.
            if value and supported_tags.issuperset(value):
                used_tags.update(value)
            else:
                stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return frozenset(used_tags)


# --- Stored ----------------------------------------------------------------------------------


def set_summary(item: ContentItem) -> None:
    """Set the columns of the summary, before an item with other data is saved."""
    summary = summary_of(item.content_type, item.data)
    item.title = summary.title
    item.coverage = [list(astuple(entry)) for entry in summary.coverage]
    item.summary_schema = item.content_type.schema_version


def read_summaries(items: Collection[ContentItem]) -> dict[UUID, ItemSummary]:
    """Return the summaries of items by id; the items have their types.

    In no query, or in one that reads the documents of those without a present summary.
    """
    summaries = {
        item.pk: ItemSummary(item.title, [LanguageCoverage(*entry) for entry in item.coverage])
        for item in items
        if item.summary_schema == item.content_type.schema_version
    }
    other_ids = [item.pk for item in items if item.pk not in summaries]
    if other_ids:
        rows = ContentItem.objects.filter(pk__in=other_ids).select_related("content_type")
        summaries |= {item.pk: summary_of(item.content_type, item.data) for item in rows}
    return summaries


def renew_summaries(content_type: ContentType) -> None:
    """Have a job make the summaries of a type anew, whose schema has changed."""
    if ContentItem.objects.filter(content_type=content_type).exists():
        payload = {"type": str(content_type.pk)}
        enqueue(STORE_SUMMARIES, payload, queue=QUEUE, tenant=content_type.domain.name)


def store_missing_summaries(type_id: UUID | str | None = None) -> int:
    """Store the summaries that are missing or of a former schema; return how many.

    Of one type or of all. Every batch is a transaction of its own.
    """
    items = items_without_summary()
    if type_id is not None:
        items = items.filter(content_type__pk=type_id)
    ids = list(items.order_by("pk").values_list("pk", flat=True))
    store_summaries_of(ids)
    return len(ids)


def store_summaries_of(ids: list[UUID]) -> None:
    """Store the summaries of these items, a batch in each transaction."""
    for batch in in_batches(ids, BATCH_SIZE):
        _store_batch(batch)


def items_without_summary() -> "QuerySet[ContentItem]":
    items: QuerySet[ContentItem] = ContentItem.objects.exclude(
        summary_schema=F("content_type__schema_version")
    )
    return items


_SUMMARIES = BulkUpdate(ContentItem, ("title", "coverage", "summary_schema"))


@transaction.atomic
def _store_batch(ids: list[UUID]) -> None:
    # A change at the same time stores its summary after these, or before them.
    items = ContentItem.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids)
    rows = list(items.select_related("content_type").order_by("pk"))
    for item in rows:
        set_summary(item)
    _SUMMARIES.update((item.pk, item.title, item.coverage, item.summary_schema) for item in rows)


def wrong_summaries() -> Iterator[tuple[UUID, object, object]]:
    """Yield id, stored and computed summary where they differ.

    Those that are missing or of a former schema are not wrong: lists do not use them.
    """
    items = ContentItem.objects.filter(summary_schema=F("content_type__schema_version"))
    items = items.select_related("content_type").order_by("pk")
    for item in items.iterator(chunk_size=BATCH_SIZE):
        stored_summary = item.title, item.coverage
        set_summary(item)
        if stored_summary != (item.title, item.coverage):
            yield item.pk, stored_summary, (item.title, item.coverage)


def after_import(_absent: Collection[str]) -> None:
    """Store the summaries of all items: an export has none."""
    store_missing_summaries()

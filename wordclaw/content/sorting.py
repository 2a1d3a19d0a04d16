"""Stored values of sorted fields: ``x-wordclaw-indexed`` in a schema.

The values of all items of a type are written in the transaction of each change. A type names in
``sorted_fields`` the fields that are complete; lists by any other field read the documents.
"""

import struct
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet

from foundation.compiled_insert import CompiledInsert
from foundation.compiled_query import open_cursor
from foundation.jobs.actions import enqueue
from wordclaw.content.models import ContentItem, ContentSortValue, ContentType
from wordclaw.content.models.sort_values import FIELD_LENGTH
from wordclaw.content.rules import compiled_schema
from wordclaw.schema.extensions import INDEXED

# Stored with every waiting job: a new name would leave those without a function.
STORE_SORT_VALUES = "content.store_sort_values"
QUEUE = "content"
MAX_ITEMS_AT_ONCE = 1_000
"""A change of a schema stores the values of so many items itself; a job does it for more."""
BATCH_SIZE = 500
TEXT_LENGTH = 200
"""Characters of a text that are compared; texts that agree so far are ordered by id."""
R = TypeVar("R")
ADD_SORT_VALUE = CompiledInsert(ContentSortValue)
SCHEMA_VERSION = "SELECT schema_version FROM content_types WHERE id = %s"
LOCKED_SCHEMA_VERSION = f"{SCHEMA_VERSION} FOR KEY SHARE"
NUMBERS, TEXTS = frozenset({"number", "integer"}), frozenset({"string"})


@dataclass(frozen=True, slots=True)
class SortedField:
    """A field whose values are stored, with its keys in a document."""

    name: str
    path: tuple[str, ...]
    is_number: bool

    @property
    def signature(self) -> str:
        """The type and language that the stored values depend on."""
        return ":".join(["number" if self.is_number else "text", *self.path[1:]])

    def keys_of(self, data: Any) -> tuple[str, str]:
        """Return the ascending and the descending key of a document."""
        for key in self.path:
            data = data.get(key) if isinstance(data, dict) else None
        text = _number_key(data) if self.is_number else data
        if not isinstance(text, str):
            return "2", "0"
        key = "1" + text[:TEXT_LENGTH]
        return key, key


def _number_key(value: Any) -> str | None:
    """Return 16 digits in the order of the numbers; None for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        # Zero has two representations, which are the same number.
        number = float(value) + 0.0
    except OverflowError:
        number = float("inf") if value > 0 else float("-inf")
    bits: int = struct.unpack(">Q", struct.pack(">d", number))[0]
    return f"{bits ^ (2**64 - 1) if bits >> 63 else bits | 1 << 63:016x}"


def _batches(rows: Iterable[R]) -> Iterator[list[R]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH_SIZE)):
        yield batch


def sorted_fields(content_type: ContentType) -> dict[str, SortedField]:
    """Return the numbers and texts at the top that a schema marks, by name."""
    # Most types have none, and reading the schema takes longer than this.
    if INDEXED not in content_type.schema_text:
        return {}
    schema = compiled_schema(content_type)
    fields = {}
    for name, part in schema.properties.items():
        is_marked = isinstance(part, dict) and part.get(INDEXED) is True
        if not is_marked or len(name) > FIELD_LENGTH or name.isdigit():
            continue
        declared_type = part.get("type")
        types = set(declared_type if isinstance(declared_type, list) else [declared_type]) - {
            "null"
        }
        if types and (types <= NUMBERS or types <= TEXTS):
            is_localized = schema.is_localized(name) and schema.localization is not None
            path = (name, schema.localization.default) if is_localized else (name,)  # type: ignore[union-attr]
            fields[name] = SortedField(name, path, types <= NUMBERS)
    return fields


def complete_field(content_type: ContentType, name: str) -> SortedField | None:
    """Return a field whose values are stored for all items, or None."""
    signature = content_type.sorted_fields.get(name)
    if signature is None:
        return None
    field = sorted_fields(content_type).get(name)
    return field if field is not None and field.signature == signature else None


def store_sort_values(item: ContentItem) -> None:
    """Store the values of an item that has just changed, by the present schema."""
    _read_type_again(item)
    if not item.content_type.sorted_fields and INDEXED not in item.content_type.schema_text:
        return
    fields = sorted_fields(item.content_type).values()
    # A new item has no rows to remove.
    if item.version == 1 and item.deleted_at is None:
        for row in _rows(item, fields):
            ADD_SORT_VALUE.add(row)
    else:
        _store_again([item], fields)


def _read_type_again(item: ContentItem) -> None:
    """Replace the item's type if its schema has changed since it was read.

    A change that marks a field stores the values of all items that it sees, so each writer must
    either be seen by it or see its marks.
    """
    # SQLite has one writer at a time.
    if connection.vendor != "postgresql":
        return
    with open_cursor(connection, is_prepared=True) as cursor:
        # No other transaction sees a new item yet. The lock, which the check of its foreign key
        # would take at the commit, waits for a change that is storing values.
        query = LOCKED_SCHEMA_VERSION if item.version == 1 else SCHEMA_VERSION
        cursor.execute(query, [item.content_type_id])
        schema_version = cursor.fetchone()[0]
    if schema_version != item.content_type.schema_version:
        types = ContentType.objects.select_related("domain")
        item.content_type = types.get(pk=item.content_type_id)


def _store_again(items: Collection[ContentItem], fields: Collection[SortedField]) -> None:
    ContentSortValue.objects.filter(item__in=items).delete()
    ContentSortValue.objects.bulk_create(row for item in items for row in _rows(item, fields))


def _rows(item: ContentItem, fields: Iterable[SortedField]) -> Iterator[ContentSortValue]:
    if item.deleted_at is not None:
        return
    documents = [(True, item.data)]
    if item.published_version is not None:
        documents.append((False, item.published_version.data))
    for field in fields:
        for is_draft, data in documents:
            ascending, descending = field.keys_of(data)
            yield ContentSortValue(
                content_type_id=item.content_type_id,
                item=item,
                field=field.name,
                is_draft=is_draft,
                ascending_key=ascending,
                descending_key=descending,
            )


def adjust_sorted_fields(content_type: ContentType) -> None:
    """Store the values of the fields that a changed schema marks, and remove others.

    Inside the transaction of the change, which locks the type. Of many items a job does it, and
    until then the lists read the documents.
    """
    signatures = _signatures(content_type)
    if signatures == content_type.sorted_fields:
        return
    pairs = content_type.sorted_fields.items()
    content_type.sorted_fields = {n: text for n, text in pairs if signatures.get(n) == text}
    content_type.save(update_fields=["sorted_fields"])
    if _items(content_type)[: MAX_ITEMS_AT_ONCE + 1].count() > MAX_ITEMS_AT_ONCE:
        payload = {"type": str(content_type.pk)}
        enqueue(STORE_SORT_VALUES, payload, queue=QUEUE, tenant=content_type.domain.name)
    else:
        store_all_sort_values(content_type.pk)
        content_type.refresh_from_db(fields=["sorted_fields"])


def _signatures(content_type: ContentType) -> dict[str, str]:
    return {name: field.signature for name, field in sorted_fields(content_type).items()}


def _items(content_type: ContentType) -> QuerySet[ContentItem]:
    items: QuerySet[ContentItem] = ContentItem.objects.of_type(content_type)
    return items


def store_all_sort_values(type_id: UUID | str) -> None:
    """Store the values of all items of a type, a batch in each transaction.

    The fields count as complete only if the schema is still the same at the end: otherwise the
    change of the schema has its own job.
    """
    with transaction.atomic():
        # With the key, so that this waits for writers of new items, which are not seen before.
        content_type = ContentType.objects.select_for_update().get(pk=type_id)
    fields = sorted_fields(content_type)
    ids = _items(content_type).order_by("pk").values_list("pk", flat=True)
    for batch in _batches(list(ids)):
        with transaction.atomic():
            # A change at the same time stores its values after these, or before them.
            items = _items(content_type).select_for_update(of=("self",), no_key=True)
            items = items.filter(pk__in=batch).select_related("published_version")
            _store_again(list(items.order_by("pk")), fields.values())
    with transaction.atomic():
        locked_type = ContentType.objects.select_for_update(no_key=True).get(pk=type_id)
        if locked_type.schema_version == content_type.schema_version:
            locked_type.sorted_fields = _signatures(locked_type)
            locked_type.save(update_fields=["sorted_fields"])


def wrong_sort_values() -> Iterator[tuple[ContentType, UUID, str, object, object]]:
    """Yield type, item, field, stored and computed keys where they differ."""
    for content_type in ContentType.objects.exclude(sorted_fields={}):
        fields = [
            field
            for name, field in sorted_fields(content_type).items()
            if complete_field(content_type, name)
        ]
        items = _items(content_type).select_related("published_version").order_by("pk")
        for batch in _batches(items.iterator(chunk_size=BATCH_SIZE)):
            keys_by_item = _stored_keys(batch)
            for item in batch:
                computed_values = {_key(row): _value(row) for row in _rows(item, fields)}
                names = {field.name for field in fields}
                present = {
                    key: value
                    for key, value in keys_by_item.get(item.pk, {}).items()
                    if key[0] in names
                }
                for key in sorted(computed_values.keys() | present.keys()):
                    if computed_values.get(key) != present.get(key):
                        yield (
                            content_type,
                            item.pk,
                            key[0],
                            present.get(key),
                            computed_values.get(key),
                        )


def _stored_keys(
    items: Iterable[ContentItem],
) -> dict[UUID, dict[tuple[str, bool], tuple[str, str]]]:
    rows = ContentSortValue.objects.filter(item__in=items).order_by("item")
    groups = groupby(rows, key=lambda row: row.item_id)
    return {item_id: {_key(row): _value(row) for row in group} for item_id, group in groups}


def _key(row: ContentSortValue) -> tuple[str, bool]:
    return row.field, row.is_draft


def _value(row: ContentSortValue) -> tuple[str, str]:
    return row.ascending_key, row.descending_key


def after_import(_absent: Collection[str]) -> None:
    """Store the values of all types: an export has none."""
    for content_type in ContentType.objects.filter(schema_text__contains=INDEXED):
        store_all_sort_values(content_type.pk)

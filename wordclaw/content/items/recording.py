"""Checking an item's data, and recording each change of it."""

import json
from itertools import islice
from typing import Any

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.compiled_insert import CompiledInsert
from wordclaw.content.errors import ItemDoesNotFit
from wordclaw.content.items.references import require_valid_references, store_references
from wordclaw.content.models import (
    ContentItem,
    ContentItemVersion,
    ContentReference,
    ContentType,
)
from wordclaw.content.models.items import MESSAGE_LENGTH
from wordclaw.content.rules import compiled_schema
from wordclaw.content.sorting import store_sort_values
from wordclaw.content.space import add_space, size_of, take_space
from wordclaw.policy.host import content_host
from wordclaw.schema.diff import diff_documents
from wordclaw.schema.errors import SchemaError
from wordclaw.schema.references import DocumentReference

READERS_CHANGES = frozenset({"publish", "unpublish", "archive", "delete"})
"""Changes of what readers get. A restored item is a draft, and an edit leaves the snapshot."""
# A document of 20,000 values could change in each, and the audit log is kept for ever.
CHANGES = READERS_CHANGES | {"create", "update", "rollback", "restore"}
"""Changes of an item; other events leave it as it is."""
ADD_VERSION = CompiledInsert(ContentItemVersion)
MAX_RECORDED_CHANGES = 50
MAX_RECORDED_VALUE = 300
"""Characters of a value that the audit log keeps; the versions have it whole."""


def checked(content_type: ContentType, data: Any) -> list[DocumentReference]:
    """Return the references of data that fits the schema of its content type.

    Raises ItemDoesNotFit or a refusal of a reference.
    """
    schema = compiled_schema(content_type)
    if errors := schema.errors(data):
        raise ItemDoesNotFit(errors=[error.as_json() for error in errors])
    try:
        # After the check of the schema, because only fitting data has its references where the
        # schema says.
        references = schema.references(data)
    except SchemaError as error:
        raise ItemDoesNotFit(
            errors=[{"pointer": "", "message": error.message, "keyword": "size"}]
        ) from error
    require_valid_references(content_type.domain, references)
    return references


def add_version(
    item: ContentItem, references: list[DocumentReference], *, message: str = ""
) -> ContentItemVersion:
    """Add the row of the item's present version with its references."""
    version = _add_row(item, message)
    store_references(item, references)
    # Again, now that the stored rows keep the targets: one may have been deleted meanwhile.
    require_valid_references(item.content_type.domain, references)
    return version


def add_unchanged_version(
    item: ContentItem, *, message: str = "", is_withdrawal: bool = False
) -> None:
    """Add the row of a change of state, with the data of the row before.

    A withdrawal needs no space: a publisher must always be able to take a text from readers.
    """
    _add_row(item, message, needs_space=not is_withdrawal)
    # Copied and not read anew from the data: with a new schema the same data may have other
    # references.
    copies = list(ContentReference.objects.filter(item=item, version=item.version - 1))
    for reference in copies:
        # Without its key Django inserts the row instead of changing that of the former version.
        reference.pk, reference.version = None, item.version
    ContentReference.objects.bulk_create(copies)


def _add_row(item: ContentItem, message: str, *, needs_space: bool = True) -> ContentItemVersion:
    size = size_of(item.data)
    if needs_space:
        take_space(item.domain_id, size, author_id=item.author_id)
    else:
        add_space(item.domain_id, size)
    version = ContentItemVersion(
        item=item,
        version=item.version,
        data=item.data,
        status=item.status,
        schema_version=item.schema_version,
        author_id=item.author_id,
        message=message[:MESSAGE_LENGTH],
        created_at=item.updated_at,
    )
    ADD_VERSION.add(version)
    version.author = item.author
    return version


def record_change(
    action: str,
    item: ContentItem,
    *,
    before: dict[str, Any] | None = None,
    by: Actor,
    **details: Any,
) -> None:
    """Write the audit row of a change, and tell the host what readers can see.

    ``before`` is the former data if it changed.
    """
    if before is not None:
        details["changes"] = recorded_changes(before, item.data)
    record(
        f"content_item.{action}",
        "content_item",
        str(item.pk),
        by=by,
        tenant=item.content_type.domain.name,
        contentType=item.content_type.slug,
        version=item.version,
        **details,
    )
    # In the same transaction, so that a page never shows what was withdrawn, and a refused page
    # undoes the change.
    if action in CHANGES:
        store_sort_values(item)
    if action in READERS_CHANGES:
        content_host().item_changed(item)


def recorded_changes(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the first changes between two documents, long values cut."""
    changes = islice(diff_documents(before, after), MAX_RECORDED_CHANGES)
    return [
        {key: _shortened(value) for key, value in change.as_json().items()} for change in changes
    ]


def _shortened(value: Any) -> Any:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return value if len(text) <= MAX_RECORDED_VALUE else text[:MAX_RECORDED_VALUE] + "…"

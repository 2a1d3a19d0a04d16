"""References in documents: to content items, assets and agents."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from wordclaw.schema.extensions import ALLOWED_TYPES, FIELD_KIND
from wordclaw.schema.values import described_values

TargetKind = Literal["content_item", "asset", "agent"]
# The key of a reference's object, by the kind of field.
KEYS: dict[str, tuple[TargetKind, str]] = {
    "content-ref": ("content_item", "contentItemId"),
    "content-ref-list": ("content_item", "contentItemId"),
    "asset": ("asset", "assetId"),
    "asset-list": ("asset", "assetId"),
    "agent-ref": ("agent", "agent"),
    "agent-ref-list": ("agent", "agent"),
}
MAX_REFERENCES = 500


@dataclass(frozen=True, slots=True)
class DocumentReference:
    """A reference at a place of a document.

    ``target`` is as the document writes it. ``allowed_types`` are slugs of content types; empty
    means any.
    """

    pointer: str
    kind: TargetKind
    target: str
    allowed_types: tuple[str, ...] = ()


def find_references(schema: dict[str, Any], document: Any) -> Iterator[DocumentReference]:
    """Yield the references of a valid document, each place once. Raises SchemaError."""
    places: set[str] = set()
    for described_value in described_values(schema, document):
        kind = KEYS.get(described_value.schema.get(FIELD_KIND, ""))
        if kind is None:
            continue
        allowed_types = tuple(described_value.schema.get(ALLOWED_TYPES) or ())
        for pointer, value in _single_values(described_value.pointer, described_value.value):
            target = value.get(kind[1]) if isinstance(value, dict) else None
            # Several branches of a schema may describe the same value.
            if isinstance(target, str) and pointer not in places:
                places.add(pointer)
                yield DocumentReference(pointer, kind[0], target, allowed_types)


def _single_values(pointer: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        yield from ((f"{pointer}/{index}", entry) for index, entry in enumerate(value))
    else:
        yield pointer, value

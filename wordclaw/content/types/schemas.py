"""JSON of content types."""

from typing import Any

from ninja import Schema
from pydantic import Field, StrictBool, StrictStr

from foundation.clock import iso, iso_or_none
from wordclaw.content.models import ContentType
from wordclaw.content.types.queries import TypeStatistics
from wordclaw.requests.schemas import StrictBody


class ContentTypeIn(StrictBody):
    name: StrictStr
    slug: StrictStr
    kind: StrictStr = "collection"
    description: StrictStr = ""
    visibility: StrictStr = "private"
    # `schema` is a method of pydantic's base class.
    json_schema: dict[str, Any] | None = Field(None, alias="schema")
    schemaManifest: dict[str, Any] | None = None


class ContentTypeChanges(StrictBody):
    """Changes of a content type; an absent key keeps its value."""

    name: StrictStr | None = None
    kind: StrictStr | None = None
    description: StrictStr | None = None
    visibility: StrictStr | None = None
    json_schema: dict[str, Any] | None = Field(None, alias="schema")
    schemaManifest: dict[str, Any] | None = None
    allowBreaking: StrictBool = False


class SchemaIn(StrictBody):
    json_schema: dict[str, Any] | None = Field(None, alias="schema")
    schemaManifest: dict[str, Any] | None = None


class TypeStatisticsOut(Schema):
    itemCount: int
    statusCounts: dict[str, int]
    lastItemUpdatedAt: str | None


class ContentTypeOut(Schema):
    id: str
    name: str
    slug: str
    kind: str
    description: str
    visibility: str
    item_schema: dict[str, Any] = Field(alias="schema")
    schemaManifest: dict[str, Any] | None
    schemaVersion: int
    createdAt: str
    updatedAt: str
    stats: TypeStatisticsOut | None = None


class ContentTypePage(Schema):
    items: list[ContentTypeOut]
    nextCursor: str | None = None


class ViolationOut(Schema):
    pointer: str
    message: str
    keyword: str


class BrokenItemOut(Schema):
    id: str
    errors: list[ViolationOut]


class SchemaCheckOut(Schema):
    compatible: bool
    items: list[BrokenItemOut]


def type_out(content_type: ContentType, statistics: TypeStatistics | None = None) -> dict[str, Any]:
    out = {
        "id": str(content_type.pk),
        "name": content_type.name,
        "slug": content_type.slug,
        "kind": content_type.kind,
        "description": content_type.description,
        "visibility": content_type.visibility,
        "schema": content_type.schema,
        "schemaManifest": content_type.manifest,
        "schemaVersion": content_type.schema_version,
        "createdAt": iso(content_type.created_at),
        "updatedAt": iso(content_type.updated_at),
    }
    if statistics is not None:
        out["stats"] = {
            "itemCount": statistics.item_count,
            "statusCounts": statistics.status_counts,
            "lastItemUpdatedAt": iso_or_none(statistics.last_item_updated_at),
        }
    return out

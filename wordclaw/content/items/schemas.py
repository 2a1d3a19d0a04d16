"""JSON of items, versions and batches."""

import json
from typing import Any

import orjson
from ninja import Schema
from pydantic import Field, StrictStr

from foundation.accounts.models import User
from foundation.clock import iso, iso_or_none
from foundation.refusals import Refusal
from wordclaw.content.items.batch import BatchResult, refusal_json
from wordclaw.content.items.listing import ListedItem
from wordclaw.content.items.queries import ItemView, Locale, data_in_language
from wordclaw.content.items.references import ReferenceUse, UsedBy
from wordclaw.content.models import ContentItemVersion, ContentType
from wordclaw.payments.models import Offer
from wordclaw.payments.offers.schemas import price_out
from wordclaw.requests.schemas import StrictBody
from wordclaw.schema.premium import visible_data


class ItemIn(StrictBody):
    data: Any
    message: StrictStr = Field("", max_length=500)


class MessageIn(StrictBody):
    message: StrictStr = Field("", max_length=500)


class RollbackIn(MessageIn):
    version: int = Field(strict=True, ge=1, le=2**31 - 1)


class BatchOperationIn(StrictBody):
    op: StrictStr
    id: StrictStr = ""
    data: Any = None
    ifMatch: StrictStr | None = None


class BatchIn(StrictBody):
    items: list[BatchOperationIn]


class LocaleResolutionOut(Schema):
    requestedLocale: str
    fallbackLocale: str | None
    defaultLocale: str
    localizedFieldCount: int
    resolvedFieldCount: int
    fallbackFieldCount: int
    unresolvedFields: list[str]


class PriceOut(Schema):
    id: str
    amountSatoshis: int


class ItemOut(Schema):
    """``gated`` and ``offer`` are there if fields with a price were left out."""

    id: str
    domain: str
    contentType: str
    data: dict[str, Any]
    status: str
    version: int
    publicationState: str
    workingCopyVersion: int
    publishedVersion: int | None
    publishedAt: str | None
    schemaVersion: int
    author: str | None
    createdAt: str
    updatedAt: str
    localeResolution: LocaleResolutionOut | None = None
    gated: bool | None = None
    offer: PriceOut | None = None


class ItemPage(Schema):
    items: list[ItemOut]
    nextCursor: str | None = None


class BatchResultOut(Schema):
    index: int
    ok: bool
    id: str | None = None
    version: int | None = None
    error: dict[str, Any] | None = None


class BatchOut(Schema):
    atomic: bool
    results: list[BatchResultOut]


class ItemVersionOut(Schema):
    version: int
    status: str
    author: str | None
    message: str
    createdAt: str
    data: dict[str, Any] | None = None


class ItemVersionPage(Schema):
    items: list[ItemVersionOut]
    nextCursor: str | None = None


class FieldChangeOut(Schema):
    pointer: str
    op: str
    before: Any = None
    after: Any = None


class ItemDiffOut(Schema):
    # `from` is a keyword of Python.
    from_version: int = Field(alias="from")
    to: int
    changes: list[FieldChangeOut]


class ReferenceUseOut(Schema):
    contentItemId: str
    contentType: str
    version: int
    pointer: str


class UsedByOut(Schema):
    activeReferenceCount: int
    historicalReferenceCount: int
    activeReferences: list[ReferenceUseOut]
    historicalReferences: list[ReferenceUseOut]


def item_out(view: ItemView) -> dict[str, Any]:
    """An item as its reader gets it.

    Readers of published versions do not learn that there is a newer working copy.
    """
    item, snapshot = view.item, view.item.published_version
    out = {
        "id": str(item.pk),
        "domain": item.content_type.domain.name,
        "contentType": item.content_type.slug,
        "data": view.data,
        "createdAt": iso(item.created_at),
        "publishedVersion": snapshot.version if snapshot else None,
        "publishedAt": iso_or_none(item.published_at),
    }
    if view.is_draft or snapshot is None:
        out |= {
            "status": item.status,
            "version": item.version,
            "publicationState": item.publication_state,
            "workingCopyVersion": item.version,
            "schemaVersion": item.schema_version,
            "author": login_of(item.author),
            "updatedAt": iso(item.updated_at),
        }
    else:
        out |= {
            "status": snapshot.status,
            "version": snapshot.version,
            "publicationState": "published",
            "workingCopyVersion": snapshot.version,
            "schemaVersion": snapshot.schema_version,
            "author": login_of(snapshot.author),
            "updatedAt": iso(snapshot.created_at),
        }
    if view.resolution is not None:
        out["localeResolution"] = view.resolution.as_json()
    if view.offer is not None:
        out |= {"gated": True, "offer": price_out(view.offer)}
    return out


def listed_item_out(
    item: ListedItem, content_type: ContentType, language: Locale | None, offer: Offer | None
) -> dict[str, Any]:
    """A row of a list, without decoding data that is shown whole and as it is.

    ``offer`` is set if the reader gets no part of the data that has a price.
    """
    out: dict[str, Any] = {
        "id": str(item.id),
        "domain": content_type.domain.name,
        "contentType": content_type.slug,
        "data": orjson.Fragment(item.data_text),
        "createdAt": iso(item.created_at),
        "publishedVersion": item.published_version,
        "publishedAt": iso_or_none(item.published_at),
        "status": item.status,
        "version": item.version,
        "publicationState": item.publication_state,
        "workingCopyVersion": item.version,
        "schemaVersion": item.schema_version,
        "author": item.author,
        "updatedAt": iso(item.updated_at),
    }
    if language is None and offer is None:
        return out
    data = json.loads(item.data_text)
    if offer is not None:
        data = visible_data(content_type.schema, data)
        out |= {"gated": True, "offer": price_out(offer)}
    if language is not None:
        data, resolution = data_in_language(content_type, data, language)
        out["localeResolution"] = resolution.as_json()
    return out | {"data": data}


def login_of(user: User | None) -> str | None:
    """The login of an author; None for the system and for people who have left."""
    return None if user is None or user.is_former else user.username


def version_out(version: ContentItemVersion, *, with_data: bool = False) -> dict[str, Any]:
    out = {
        "version": version.version,
        "status": version.status,
        "author": login_of(version.author),
        "message": version.message,
        "createdAt": iso(version.created_at),
    }
    return out | ({"data": version.data} if with_data else {})


def batch_out(result: BatchResult) -> dict[str, Any]:
    out: dict[str, Any] = {"index": result.index, "ok": result.refusal is None}
    if result.item_id is not None:
        out["id"] = result.item_id
    if result.version is not None:
        out["version"] = result.version
    if isinstance(result.refusal, Refusal):
        out["error"] = refusal_json(result.refusal)
    return out


def used_by_out(uses: UsedBy) -> dict[str, Any]:
    return {
        "activeReferenceCount": uses.active_count,
        "historicalReferenceCount": uses.historical_count,
        "activeReferences": [use_out(use) for use in uses.active],
        "historicalReferences": [use_out(use) for use in uses.historical],
    }


def use_out(use: ReferenceUse) -> dict[str, Any]:
    return {
        "contentItemId": str(use.item_id),
        "contentType": use.content_type,
        "version": use.version,
        "pointer": use.pointer,
    }

"""Writes of content types."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import now
from wordclaw.content.errors import (
    ContentTypeInUse,
    ContentTypeNotFound,
    ContentTypeSlugConflict,
    InvalidContentType,
    SchemaBreaksItems,
    SchemaCheckTooLong,
    SingletonRequiresOneItem,
    TooManyContentTypes,
)
from wordclaw.content.lookup import find_type
from wordclaw.content.models import ContentItem, ContentType, ContentTypeSchema
from wordclaw.content.paywall import TYPE
from wordclaw.content.rules import (
    MAX_TYPES,
    content_type_errors,
    read_changed_schema,
    read_schema_source,
)
from wordclaw.content.sorting import adjust_sorted_fields
from wordclaw.content.space import schema_size, take_space
from wordclaw.content.summaries import renew_summaries
from wordclaw.content.work import REQUEST_SECONDS, charged
from wordclaw.payments.offers.actions import stop_offers
from wordclaw.policy.actions import authorize
from wordclaw.policy.host import content_host
from wordclaw.policy.models import Domain
from wordclaw.schema.compiled import CompiledSchema
from wordclaw.schema.errors import DocumentError

MAX_BROKEN_ITEMS = 20
"""Items that a refusal lists, and at most as many that a check lists."""
CHECK_SECONDS = REQUEST_SECONDS
"""Processor time: some 8,000 usual items."""


@dataclass(frozen=True, slots=True)
class BrokenItem:
    """A published item that does not fit a new schema."""

    item_id: UUID
    errors: list[DocumentError]

    def as_json(self) -> dict[str, Any]:
        return {"id": str(self.item_id), "errors": [error.as_json() for error in self.errors]}


@charged
@transaction.atomic
def create_content_type(
    domain: Domain,
    fields: dict[str, Any],
    *,
    schema: Any = None,
    manifest: Any = None,
    by: Actor,
) -> ContentType:
    """Create a content type from a schema or a manifest.

    ``fields`` are name, slug, kind, description and visibility. Raises InvalidContentType,
    SchemaSourceRequired, SchemaSourceConflict, InvalidContentSchema, ContentTypeSlugConflict or
    TooManyContentTypes.
    """
    authorize(by, "content.admin", domain, resource_type="content_type")
    source = read_schema_source(schema, manifest)
    _require_valid(fields)
    # The lock keeps two requests from passing the limit together.
    Domain.objects.select_for_update(no_key=True).get(pk=domain.pk)
    if ContentType.objects.filter(domain=domain, deleted_at=None).count() >= MAX_TYPES:
        raise TooManyContentTypes(f"A domain has at most {MAX_TYPES} content types.")
    content_type = ContentType(
        domain=domain, schema_text=source.schema_text, manifest_text=source.manifest_text, **fields
    )
    try:
        # A savepoint: PostgreSQL refuses all further queries of a transaction after an error.
        with transaction.atomic():
            content_type.save(force_insert=True)
    except IntegrityError as error:
        raise ContentTypeSlugConflict(slug=content_type.slug) from error
    _add_schema(content_type, by=by)
    adjust_sorted_fields(content_type)
    _record("create", content_type, by=by)
    return content_type


def _require_valid(fields: dict[str, Any]) -> None:
    if errors := content_type_errors(fields):
        raise InvalidContentType(errors=errors)


def _add_schema(content_type: ContentType, *, by: Actor) -> None:
    # Former schemas stay, so changing one in a loop would fill the disk.
    size = schema_size(content_type.schema_text, content_type.manifest_text)
    take_space(content_type.domain_id, size, author_id=by.user_id)
    ContentTypeSchema.objects.create(
        content_type_id=content_type.pk,
        version=content_type.schema_version,
        schema_text=content_type.schema_text,
        manifest_text=content_type.manifest_text,
    )


@charged
@transaction.atomic
def change_content_type(
    domain: Domain,
    slug: str,
    fields: dict[str, Any],
    *,
    schema: Any = None,
    manifest: Any = None,
    allow_breaking: bool = False,
    by: Actor,
) -> ContentType:
    """Change a content type; absent keys of ``fields`` keep their value.

    A schema is replaced whole. Raises ContentTypeNotFound, the refusals of `create_content_type`,
    SchemaBreaksItems or SingletonRequiresOneItem.
    """
    authorize(by, "content.admin", domain, resource_type="content_type", resource_id=slug)
    content_type = _lock_type(domain, slug)
    source = read_changed_schema(schema, manifest)
    _require_valid(fields)
    former_kind = content_type.kind
    for name, value in fields.items():
        setattr(content_type, name, value)
    if source is not None:
        if not allow_breaking:
            _require_fitting(content_type, source.compiled_schema)
        content_type.schema_text = source.schema_text
        content_type.manifest_text = source.manifest_text
        # Never used again, so that an item's schema_version always names the same schema.
        content_type.schema_version += 1
        _add_schema(content_type, by=by)
    if content_type.kind != former_kind:
        _change_kind(content_type)
    content_type.updated_at = now()
    content_type.save()
    adjust_sorted_fields(content_type)
    if source is not None:
        renew_summaries(content_type)
    _record("update", content_type, by=by, fields=sorted(fields), schema=source is not None)
    # In the transaction, because a type that became private must take its pages with it.
    content_host().type_changed(content_type)
    return content_type


def _lock_type(domain: Domain, slug: str) -> ContentType:
    # Without the key, so that writers of items, whose rows refer to the type, need not wait.
    types = ContentType.objects.select_for_update(of=("self",), no_key=True)
    content_type: ContentType | None = (
        types.select_related("domain").filter(domain=domain, slug=slug, deleted_at=None).first()
    )
    if content_type is None:
        raise ContentTypeNotFound
    return content_type


def _require_fitting(content_type: ContentType, schema: CompiledSchema) -> None:
    items = list(islice(broken_items(content_type, schema), MAX_BROKEN_ITEMS))
    if items:
        raise SchemaBreaksItems(items=[item.as_json() for item in items])


def broken_items(content_type: ContentType, schema: CompiledSchema) -> Iterator[BrokenItem]:
    """Yield the published items that do not fit a schema. Raises SchemaCheckTooLong.

    A change of a schema checks them while it keeps other writers waiting.
    """
    # Processor time of this thread: other requests must not make a check fail.
    begin = time.thread_time()
    items = ContentItem.objects.of_type(content_type).exclude(published_version=None)
    # Only what readers get: a draft that no longer fits is refused when it is published.
    rows = items.order_by("id").values_list("pk", "published_version__data")
    for item_id, data in rows.iterator(chunk_size=500):
        if time.thread_time() - begin > CHECK_SECONDS:
            raise SchemaCheckTooLong
        if errors := schema.errors(data):
            yield BrokenItem(item_id, errors)


def _change_kind(content_type: ContentType) -> None:
    # Two are enough to know that there is more than one, in a type of 100,000 items, too.
    items = list(ContentItem.objects.of_type(content_type)[:2])
    if content_type.is_singleton and len(items) > 1:
        raise SingletonRequiresOneItem
    for item in items:
        item.singleton_of = content_type if content_type.is_singleton else None
        item.save(update_fields=["singleton_of"])


@charged
def check_schema(
    domain: Domain, slug: str, *, schema: Any = None, manifest: Any = None, by: Actor
) -> list[BrokenItem]:
    """Return the published items that a new schema would break, at most 20.

    Nothing is changed.
    """
    authorize(by, "content.admin", domain, resource_type="content_type", resource_id=slug)
    content_type = find_type(domain, slug)
    source = read_schema_source(schema, manifest)
    return list(islice(broken_items(content_type, source.compiled_schema), MAX_BROKEN_ITEMS))


@transaction.atomic
def delete_content_type(domain: Domain, slug: str, *, by: Actor) -> None:
    """Delete a content type without items.

    Raises ContentTypeNotFound or ContentTypeInUse.
    """
    authorize(by, "content.admin", domain, resource_type="content_type", resource_id=slug)
    content_type = _lock_type(domain, slug)
    count = ContentItem.objects.of_type(content_type).count()
    if count:
        raise ContentTypeInUse(itemCount=count)
    content_type.deleted_at = now()
    content_type.save(update_fields=["deleted_at"])
    # A new type with this slug is another one, and free.
    stop_offers(domain, (TYPE, content_type.slug), by=by)
    _record("delete", content_type, by=by)


def _record(action: str, content_type: ContentType, *, by: Actor, **details: Any) -> None:
    record(
        f"content_type.{action}",
        "content_type",
        content_type.slug,
        by=by,
        tenant=content_type.domain.name,
        **details,
    )

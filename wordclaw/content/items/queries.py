"""Reads of items: what readers get, and what members see."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, UUIDField

from foundation.actor import Actor
from foundation.compiled_instances import CompiledInstances
from foundation.compiled_query import Parameter
from wordclaw.content.errors import (
    ItemNotFound,
    LocaleRequired,
    UnsupportedLocale,
    VersionOfItemNotFound,
)
from wordclaw.content.items.actions import find_by_id
from wordclaw.content.models import ContentItem, ContentItemVersion, ContentType
from wordclaw.content.rules import compiled_schema
from wordclaw.payments.models import Offer
from wordclaw.policy.actions import authorize
from wordclaw.policy.models import Domain
from wordclaw.schema.locales import LocaleResolution, resolve_locale
from wordclaw.schema.premium import visible_data


@dataclass(frozen=True, slots=True)
class Locale:
    """The language that a reader asks for, and the one to fall back to."""

    requested_tag: str
    fallback: str | None = None


@dataclass(frozen=True, slots=True)
class ItemView:
    """An item as a reader gets it: the working copy, or the published version.

    ``resolution`` is set if the data is in one language.
    """

    item: ContentItem
    data: dict[str, Any]
    is_draft: bool
    resolution: LocaleResolution | None = None
    # Set if the reader has no right to all of the data, which then lacks what has a price.
    offer: Offer | None = None

    @property
    def version(self) -> int:
        """The number of the version that is shown."""
        snapshot = self.item.published_version
        return self.item.version if self.is_draft or snapshot is None else snapshot.version


def find_item(
    domain: Domain, item_id: str | UUID, *, draft: bool = False, by: Actor
) -> ContentItem:
    """Return an item that the actor may read.

    That is any item with ``draft``, else a published one.

    Raises ItemNotFound where there is none for this actor, and Unauthenticated.
    """
    item = _item_of_domain(domain, item_id)
    # Also for an item that does not exist: otherwise strangers could tell a private item from none.
    if draft or item is None or not item.content_type.is_public:
        authorize_reading(domain, item_id, by=by)
    # After the decision about rights, so that only members learn that the item is gone.
    if item is None or item.deleted_at is not None:
        raise ItemNotFound
    if not draft and item.published_version_id is None:
        raise ItemNotFound
    return item


def _item_of_domain(domain: Domain, item_id: str | UUID) -> ContentItem | None:
    """Return an item with all that an answer shows; None also for what is no UUID."""
    try:
        key = item_id if isinstance(item_id, UUID) else UUID(item_id)
    except ValueError:
        return None
    items = _item_of_id_query().instances(domain_id=domain.pk, item_id=key)
    return items[0] if items else None


@cache
def _item_of_id_query() -> CompiledInstances[ContentItem]:
    items = ContentItem.objects.filter(
        domain=Parameter("domain_id", UUIDField()), pk=Parameter("item_id", UUIDField())
    )
    relations = (
        *("content_type", "content_type__domain", "author"),
        *("published_version", "published_version__author"),
    )
    return CompiledInstances(items, relations=relations, annotations=(), is_prepared=True)


def authorize_reading(domain: Domain, item_id: str | UUID, *, by: Actor) -> None:
    """Raise a refusal unless the actor may read drafts of the domain."""
    authorize(
        by,
        "content.read",
        domain,
        resource_type="content_item",
        resource_id=str(item_id),
        hidden_as=ItemNotFound,
    )


def view_item(
    item: ContentItem, *, draft: bool, locale: Locale | None = None, offer: Offer | None = None
) -> ItemView:
    """Return what a reader gets of an item; with ``offer`` without what has a price.

    Raises UnsupportedLocale.
    """
    snapshot = item.published_version
    # No fallback for readers: callers without `draft` have refused items without a snapshot.
    data = item.data if draft or snapshot is None else snapshot.data
    if offer is not None:
        data = visible_data(item.content_type.schema, data)
    if locale is None:
        return ItemView(item, data, draft, offer=offer)
    resolved_data, resolution = data_in_language(item.content_type, data, locale)
    return ItemView(item, resolved_data, draft, resolution, offer)


def data_in_language(
    content_type: ContentType, data: dict[str, Any], locale: Locale
) -> tuple[dict[str, Any], LocaleResolution]:
    """Return data in one language, and what was found in it. Raises UnsupportedLocale."""
    schema = compiled_schema(content_type)
    if schema.localization is None:
        raise UnsupportedLocale(supportedLocales=[])
    return resolve_locale(
        schema.schema,
        data,
        schema.localization,
        locale=locale.requested_tag,
        fallback=locale.fallback,
    )


def read_locale(
    content_type: ContentType, locale: str | None, fallback: str | None
) -> Locale | None:
    """Return the languages of a request, or None for all.

    Raises LocaleRequired or UnsupportedLocale.
    """
    if locale is None:
        # A fallback alone would be ignored in silence, and the reader would get maps of all
        # languages.
        if fallback is not None:
            raise LocaleRequired(parameter="fallbackLocale")
        return None
    localization = compiled_schema(content_type).localization
    supported_tags = localization.supported_tags if localization else ()
    for language in (locale, fallback):
        if language is not None and language not in supported_tags:
            raise UnsupportedLocale(locale=language, supportedLocales=list(supported_tags))
    return Locale(locale, fallback)


def versions_of(item: ContentItem) -> QuerySet[ContentItemVersion]:
    """Return the versions of an item, the present one included."""
    versions: QuerySet[ContentItemVersion] = ContentItemVersion.objects.filter(item=item)
    return versions.select_related("author")


def find_version(item: ContentItem, version: int) -> ContentItemVersion:
    """Return a version of an item by its number. Raises VersionOfItemNotFound."""
    row: ContentItemVersion | None = versions_of(item).filter(version=version).first()
    if row is None:
        raise VersionOfItemNotFound
    return row


def find_members_item(domain: Domain, item_id: str | UUID, *, by: Actor) -> ContentItem:
    """Return an item for what only members see: versions, uses. Raises ItemNotFound."""
    authorize_reading(domain, item_id, by=by)
    return get_item(domain, item_id)


def get_item(domain: Domain, item_id: str | UUID) -> ContentItem:
    """Return an item for an actor who was authorized. Raises ItemNotFound."""
    items = ContentItem.objects.alive().with_readers_parts().filter(domain=domain)
    item = find_by_id(items, item_id)
    if item is None:
        raise ItemNotFound
    return item

"""Deleting items, and restoring them for some time."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from foundation.actor import Actor
from foundation.clock import now
from foundation.text.input import read_uuid
from wordclaw.content.errors import ItemInUse, ItemNotFound, SingletonExists
from wordclaw.content.items.actions import find_by_id, lock_item, withdraw
from wordclaw.content.items.recording import record_change
from wordclaw.content.items.references import active_uses
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.models.items import DRAFT
from wordclaw.policy.actions import authorize
from wordclaw.policy.models import Domain

# docs/RUNTIME.md promises this time to the members of a domain.
RESTORE_PERIOD = timedelta(days=30)


@transaction.atomic
def delete_item(
    domain: Domain, item_id: str | UUID, *, expected_version: int | None = None, by: Actor
) -> None:
    """Delete an item. Its versions stay: an admin can restore it (`RESTORE_PERIOD`).

    Raises ItemNotFound, PreconditionFailed, or ItemInUse while other content refers to it.
    """
    authorize(by, "content.write", domain, resource_type="content_item", resource_id=str(item_id))
    # With the key: a writer who stores a reference to the item waits, or the deletion waits and
    # sees it.
    item = lock_item(domain, item_id, expected_version=expected_version, is_deletion=True)
    uses = active_uses(item)
    if uses:
        raise ItemInUse(
            references=[{"contentItemId": str(use.item_id), "pointer": use.pointer} for use in uses]
        )
    item.deleted_at = now()
    # The database allows a singleton one document, and the next one must have a place.
    item.singleton_of = None
    item.save(update_fields=["deleted_at", "singleton_of"])
    record_change("delete", item, by=by)


@transaction.atomic
def restore_item(domain: Domain, item_id: str | UUID, *, by: Actor) -> ContentItem:
    """Restore a deleted item as a draft, within `RESTORE_PERIOD`.

    Raises ItemNotFound or SingletonExists.
    """
    # An editor could otherwise bring back what an admin deleted.
    authorize(by, "content.admin", domain, resource_type="content_item", resource_id=str(item_id))
    # The type before the item, as a change of the schema does, which must see the item or be seen.
    types = ContentType.objects.select_for_update(of=("self",), no_key=True)
    types.filter(items__pk=read_uuid(item_id), items__domain=domain).first()
    items = ContentItem.objects.select_for_update(of=("self",)).with_readers_parts()
    since = now() - RESTORE_PERIOD
    item = find_by_id(items.filter(domain=domain, deleted_at__gte=since), item_id)
    # An item without its type could be neither checked nor shown.
    if item is None or item.content_type.deleted_at is not None:
        raise ItemNotFound
    if item.content_type.is_singleton:
        # Another document may have been written since, and readers get it.
        if ContentItem.objects.of_type(item.content_type).exists():
            raise SingletonExists(slug=item.content_type.slug)
        item.singleton_of = item.content_type
    item.deleted_at = None
    item.save(update_fields=["deleted_at", "singleton_of"])
    return withdraw(item, DRAFT, "restore", message="", by=by)

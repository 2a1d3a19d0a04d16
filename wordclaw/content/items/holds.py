"""Items that the host has taken down, until it lets them be published again."""

from uuid import UUID

from django.db import transaction

from foundation.clock import now
from wordclaw.content.errors import NothingPublished
from wordclaw.content.items.actions import lock_item
from wordclaw.content.items.recording import add_unchanged_version
from wordclaw.content.models import ContentItem
from wordclaw.content.models.items import DRAFT
from wordclaw.policy.models import Domain


@transaction.atomic
def take_down_item(domain: Domain, item_id: str | UUID, *, message: str) -> ContentItem:
    """Unpublish an item for the host and hold it, whatever the rights in its domain.

    The caller checks the right, records the event and tells readers' pages. The version has no
    author, so the members of the domain do not learn who decided. Raises ItemNotFound or
    NothingPublished.
    """
    item = lock_item(domain, item_id)
    if item.published_version_id is None:
        raise NothingPublished
    item.publication_state, item.status = ContentItem.State.UNPUBLISHED, DRAFT
    item.published_version = item.published_at = None
    item.author = None
    item.version += 1
    item.updated_at = item.held_at = now()
    item.save()
    add_unchanged_version(item, message=message, is_withdrawal=True)
    return item


@transaction.atomic
def release_item(domain: Domain, item_id: str | UUID) -> bool:
    """Let a held item be published again; this does not publish it.

    The caller checks the right and records the event. Returns False if the item is not held.
    Raises ItemNotFound.
    """
    item = lock_item(domain, item_id)
    if item.held_at is None:
        return False
    item.held_at = None
    item.save(update_fields=["held_at"])
    return True

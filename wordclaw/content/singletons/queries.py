"""Reads of globals."""

from foundation.actor import Actor
from wordclaw.content.errors import GlobalNotFound
from wordclaw.content.lookup import find_readable_type
from wordclaw.content.models import ContentItem, ContentType
from wordclaw.policy.actions import authorize
from wordclaw.policy.models import Domain


def find_global(
    domain: Domain, slug: str, *, draft: bool = False, by: Actor
) -> tuple[ContentType, ContentItem]:
    """Return the document of a singleton that the actor may read.

    Raises GlobalNotFound.
    """
    content_type = find_readable_type(domain, slug, by)
    if draft:
        authorize(by, "content.read", domain, resource_type="content_type", resource_id=slug)
    item = document_of(content_type) if content_type.is_singleton else None
    if item is None or (not draft and item.published_version_id is None):
        raise GlobalNotFound
    return content_type, item


def document_of(content_type: ContentType) -> ContentItem | None:
    """Return the item of a singleton, or None before it was written."""
    items = ContentItem.objects.of_type(content_type).with_readers_parts()
    item: ContentItem | None = items.first()
    return item

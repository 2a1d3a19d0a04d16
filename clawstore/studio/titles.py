"""Titles of items as pages show them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from wordclaw.content.models import ContentItem, ContentType
from wordclaw.content.summaries import read_summaries, title_in


def title_of(content_type: ContentType, data: Any, item_id: UUID | None = None) -> str:
    """Return the title of an item's data; words that name the item if it has none."""
    return shown_title(title_in(content_type, data), content_type, item_id)


def titles_of(items: Iterable[ContentItem]) -> dict[UUID, str]:
    """Return the stored titles of items by id; the items have their types."""
    by_id = {item.pk: item for item in items}
    return {
        pk: shown_title(summary.title, by_id[pk].content_type, pk)
        for pk, summary in read_summaries(by_id.values()).items()
    }


def shown_title(title: str, content_type: ContentType, item_id: UUID | None = None) -> str:
    if title:
        return title
    if content_type.is_singleton:
        return content_type.name
    return _("Untitled") + (f" {str(item_id)[:8]}" if item_id else "")

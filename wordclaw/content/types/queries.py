"""Statistics of content types."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max

from wordclaw.content.models import ContentItem, ContentType, PublicationState


@dataclass(slots=True)
class TypeStatistics:
    """Items of a content type by status, and when one was changed last."""

    item_count: int = 0
    status_counts: dict[str, int] = field(default_factory=dict)
    last_item_updated_at: datetime | None = None


def statistics_of(types: list[ContentType]) -> dict[UUID, TypeStatistics]:
    """Return the statistics of content types, in one query."""
    statistics = {content_type.pk: TypeStatistics() for content_type in types}
    items = ContentItem.objects.alive().filter(content_type__in=statistics)
    rows = items.values("content_type", "status").annotate(
        count=Count("id"), last=Max("updated_at")
    )
    for row in rows.order_by("status"):
        entry = statistics[row["content_type"]]
        entry.item_count += row["count"]
        entry.status_counts[row["status"]] = row["count"]
        if entry.last_item_updated_at is None or row["last"] > entry.last_item_updated_at:
            entry.last_item_updated_at = row["last"]
    return statistics


def count_by_publication() -> dict[str, int]:
    """Return the number of items that are not deleted by publication state."""
    # States without items are shown as 0, or a graph of the metric would have gaps.
    counts = dict.fromkeys(PublicationState.values, 0)
    rows = ContentItem.objects.alive().values_list("publication_state")
    return counts | dict(rows.annotate(count=Count("id")).order_by("publication_state"))

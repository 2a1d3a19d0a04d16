"""Statistics of content types."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Expression, F, Max, Value

from foundation.actor import Actor
from wordclaw.content.lookup import reads_drafts
from wordclaw.content.models import ContentItem, ContentType, PublicationState
from wordclaw.content.models.items import PUBLISHED
from wordclaw.policy.hidden import without_hidden
from wordclaw.policy.models import Domain


@dataclass(slots=True)
class TypeStatistics:
    """Items of a content type by status, and when one was changed last."""

    item_count: int = 0
    status_counts: dict[str, int] = field(default_factory=dict)
    last_item_updated_at: datetime | None = None


def statistics_of(
    types: list[ContentType], domain: Domain, *, by: Actor
) -> dict[UUID, TypeStatistics]:
    """Return the statistics of content types of a domain, in one query.

    They count what the reader may read: for all but members, the published snapshots.
    """
    statistics = {content_type.pk: TypeStatistics() for content_type in types}
    items = ContentItem.objects.alive().filter(content_type__in=statistics)
    items = without_hidden(items, "pk", domain, by)
    shown_status: Expression | F = F("status")
    moment = "updated_at"
    if not reads_drafts(domain, by):
        items = items.exclude(published_version=None)
        # A snapshot stays published while its working copy is a draft or in review.
        shown_status, moment = Value(PUBLISHED), "published_at"
    rows = items.values("content_type", shown_status=shown_status).annotate(
        count=Count("id"), last=Max(moment)
    )
    for row in rows.order_by("shown_status"):
        entry = statistics[row["content_type"]]
        entry.item_count += row["count"]
        entry.status_counts[row["shown_status"]] = row["count"]
        if entry.last_item_updated_at is None or row["last"] > entry.last_item_updated_at:
            entry.last_item_updated_at = row["last"]
    return statistics


def count_by_publication() -> dict[str, int]:
    """Return the number of items that are not deleted by publication state."""
    # States without items are shown as 0, or a graph of the metric would have gaps.
    counts = dict.fromkeys(PublicationState.values, 0)
    rows = ContentItem.objects.alive().values_list("publication_state")
    return counts | dict(rows.annotate(count=Count("id")).order_by("publication_state"))

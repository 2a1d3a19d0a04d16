"""Texts of publishers that maintainers have taken down."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.audit.models import AuditLog
from foundation.own_matters import refuse_own_matter
from registry.agents.actions import checked_reason
from registry.rules.permissions import require_moderator
from wordclaw.content.items.holds import release_item
from wordclaw.content.models import ContentItem

TAKEN_DOWN = "content_item.taken_down"


@transaction.atomic
def lift_hold(item: ContentItem, *, reason: str, by: Actor) -> bool:
    """Let the publisher publish a text again; this does not publish it.

    Returns False if it is not held. Raises NotMaintainer, OwnContent or InvalidReason.
    """
    domain = item.domain
    require_moderator(by, about=domain.subject)
    refuse_own_matter(item, by)
    text = checked_reason(reason, is_required=True)
    if not release_item(domain, item.pk):
        return False
    event = takedown_of(item.pk)
    details = event.details if event else {}
    # Without a tenant: the log of the domain would show its members who decided.
    record(
        "content_item.hold_lifted",
        "content_item",
        str(item.pk),
        by=by,
        domain=domain.name,
        contentType=item.content_type.slug,
        title=details.get("title", ""),
        reason=text,
    )
    return True


def takedown_of(item_id: UUID) -> AuditLog | None:
    """Return the last event by which a maintainer took a text down."""
    return takedowns_of([item_id]).get(item_id)


def takedowns_of(item_ids: Iterable[UUID]) -> dict[UUID, AuditLog]:
    """Return the last takedown of each text, in one query."""
    ids = [str(item_id) for item_id in item_ids]
    events = AuditLog.objects.filter(
        entity_type="content_item", entity_id__in=ids, action=TAKEN_DOWN
    )
    # The oldest first, so that the last of each text stays in the result.
    return {UUID(event.entity_id): event for event in events.order_by("created_at", "id")}

"""Append committed events to the change feed.

A mirror that has read position 7 never asks for position 6 again. Positions taken inside the
transaction of an event would break this, since transactions commit in another order than they
begin; timestamps have the same problem. So positions are assigned afterwards, to committed events
only, and by one process at a time (ADR 10).
"""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from foundation.audit.models import AuditLog
from registry.models import FeedEntry
from registry.rules.identifiers import id_and_number

PUBLIC_EVENTS = (
    "version.published",
    "version.yanked",
    "version.unyanked",
    "version.withheld",
    "version.withholding_lifted",
    "agent.delisted",
    "agent.relisted",
    "agent.deprecated",
    "agent.undeprecated",
    "agent.archived",
    "agent.unarchived",
    "agent.transferred",
    "version.deprecated",
    "version.undeprecated",
)
# The audit log is long, so the usual update looks at its end only. No transaction takes a day.
RECENT_PERIOD = timedelta(days=1)
MAX_ATTEMPTS = 10


def append_recent_events() -> int:
    """Append events that are not in the feed, up to a day older than its last entry.

    Returns their number. Runs as a job after each public event and may run twice.
    """
    newest = FeedEntry.objects.order_by("-position").values_list("happened_at", flat=True).first()
    events = _missing_events()
    return _append(events.filter(created_at__gte=newest - RECENT_PERIOD) if newest else events)


def append_missing_events() -> int:
    """Append all events that are not in the feed, for example those of a restored log.

    Returns their number.
    """
    return _append(_missing_events())


def _missing_events() -> QuerySet[AuditLog]:
    entries = FeedEntry.objects.filter(event=OuterRef("pk"))
    return AuditLog.objects.filter(~Exists(entries), action__in=PUBLIC_EVENTS)


def _append(events: QuerySet[AuditLog]) -> int:
    for _ in range(MAX_ATTEMPTS):
        try:
            return _append_once(events)
        except IntegrityError:
            # Another process assigned the same position or appended the same event. It has
            # committed by now, so the next attempt begins after its entries.
            continue
    raise RuntimeError(f"The change feed was busy for {MAX_ATTEMPTS} attempts.")


@transaction.atomic
def _append_once(events: QuerySet[AuditLog]) -> int:
    last = FeedEntry.objects.aggregate(last=Max("position"))["last"] or 0
    entries = []
    for position, event in enumerate(events.order_by("created_at", "id"), start=last + 1):
        full_id, version = id_and_number(event.entity_id)
        entries.append(
            FeedEntry(
                position=position,
                event=event,
                kind=event.action,
                full_id=f"@{full_id}",
                version=version,
                happened_at=event.created_at,
            )
        )
    FeedEntry.objects.bulk_create(entries)
    return len(entries)

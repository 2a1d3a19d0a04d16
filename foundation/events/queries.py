"""Questions to the audit log."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from foundation.events.models import AuditLog

# An event is seen when it is committed and dated when it is written. Whoever looks again after a
# minute at the latest overlooks no transaction that took less than two.
LOG_WINDOW = timedelta(seconds=180)
LONGEST_UNSEEN = 60.0
MOST_EVENTS = 500


def recent_events(moment: datetime, about: Collection[str] = ()) -> frozenset[UUID] | None:
    """What the log says of the three minutes before ``moment``, about things of these kinds or of
    any; None where that is too much to be looked at quickly. While there is none among them that
    was not there at the last look, nothing was recorded since."""
    recent = AuditLog.objects.filter(created_at__gte=moment - LOG_WINDOW)
    if about:
        recent = recent.filter(entity_type__in=about)
    events = frozenset(recent.values_list("pk", flat=True)[: MOST_EVENTS + 1])
    return None if len(events) > MOST_EVENTS else events

"""Questions to the audit log."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID

from django.db.models import DateTimeField

from foundation.audit.models import AuditLog
from foundation.compiled_query import CompiledQuery, Parameter
from foundation.jobs.models import Job

# An event is seen when it is committed and dated when it is written. Whoever looks again after a
# minute at the latest overlooks no transaction that took less than two.
LOG_WINDOW = timedelta(seconds=180)
LONGEST_UNSEEN = 60.0
MOST_EVENTS = 500


def event_of_job(job: Job) -> AuditLog:
    """Return the event that a reaction was enqueued for."""
    event: AuditLog = AuditLog.objects.select_related("user").get(pk=job.payload["event"])
    return event


def recent_events(moment: datetime, about: Collection[str] = ()) -> frozenset[UUID] | None:
    """What the log says of the three minutes before ``moment``, about things of these kinds or of
    any; None where that is too much to be looked at quickly. While there is none among them that
    was not there at the last look, nothing was recorded since."""
    found = _recent(tuple(about), MOST_EVENTS + 1).tuples(since=moment - LOG_WINDOW)
    return None if len(found) > MOST_EVENTS else frozenset(event for (event,) in found)


@lru_cache(maxsize=8)
def _recent(about: tuple[str, ...], most: int) -> CompiledQuery:
    recent = AuditLog.objects.filter(created_at__gte=Parameter("since", DateTimeField()))
    if about:
        recent = recent.filter(entity_type__in=about)
    return CompiledQuery(recent.values("pk")[:most])

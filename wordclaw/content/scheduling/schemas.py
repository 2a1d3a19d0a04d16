"""JSON of scheduled changes and jobs."""

from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from ninja import Schema
from pydantic import StrictStr

from foundation.clock import iso, iso_or_none
from foundation.jobs.models import Job
from foundation.jobs.redaction import without_secrets
from foundation.refusals import Invalid
from wordclaw.requests.schemas import StrictBody


class InvalidRunAt(Invalid):
    code = "job_run_at_invalid"
    message = "runAt must be a time with its zone, such as 2026-11-30T12:00:00Z."
    remediation = "Send a time in the future, such as 2027-01-31T09:00:00Z."


class ScheduleIn(StrictBody):
    action: StrictStr
    runAt: StrictStr


class JobOut(Schema):
    id: str
    kind: str
    queue: str
    status: str
    payload: dict[str, Any]
    result: Any
    attempts: int
    maxAttempts: int
    runAt: str
    startedAt: str | None
    completedAt: str | None
    lastError: str
    createdAt: str


class JobPage(Schema):
    items: list[JobOut]
    nextCursor: str | None = None


def read_run_at(text: str) -> datetime:
    """Return the time of a schedule. Raises InvalidRunAt."""
    try:
        moment = parse_datetime(text)
        if moment is not None and is_aware(moment):
            # In UTC, which the first and last days have no room for in other zones.
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidRunAt


def job_out(job: Job) -> dict[str, Any]:
    return {
        "id": str(job.pk),
        "kind": job.kind,
        "queue": job.queue,
        "status": job.status,
        "payload": without_secrets(job.payload),
        "result": without_secrets(job.result),
        "attempts": job.attempts,
        "maxAttempts": job.max_attempts,
        "runAt": iso(job.run_at),
        "startedAt": iso_or_none(job.started_at),
        "completedAt": iso_or_none(job.completed_at),
        "lastError": without_secrets(job.last_error),
        "createdAt": iso(job.created_at),
    }

"""Updates of the change feed."""

from foundation.jobs.models import Job
from foundation.jobs.registry import job
from registry.mirrors.actions import append_missing_events, append_recent_events


@job("mirrors.append_recent_events")
def append_recent(_job: Job) -> int:
    return append_recent_events()


@job("mirrors.append_missing_events")
def append_missing(_job: Job) -> int:
    return append_missing_events()

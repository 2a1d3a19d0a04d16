"""Clean-up of counters."""

from foundation.jobs.models import Job
from foundation.jobs.registry import job
from foundation.limits.actions import delete_finished_windows


@job("limits.delete_finished_windows")
def delete_windows(_job: Job) -> int:
    return delete_finished_windows()

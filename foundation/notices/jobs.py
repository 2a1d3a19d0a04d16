"""Clean-up of sent notices."""

from foundation.jobs.models import Job
from foundation.jobs.registry import job
from foundation.notices.actions import delete_old_notices


@job("notices.delete_old")
def delete_old(_job: Job) -> int:
    return delete_old_notices()

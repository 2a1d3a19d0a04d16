"""Clean-up of sent notices."""

from foundation.jobs.models import Job
from foundation.jobs.registry import job
from foundation.notices.actions import forget_sent_notices


@job("notices.delete_old")
def delete_old_notices(_job: Job) -> int:
    return forget_sent_notices()

"""Work of the content at a later time."""

from typing import Any

from foundation.jobs.models import Job
from foundation.jobs.registry import job
from wordclaw.content.scheduling.actions import CHANGE_STATE, run_change


@job(CHANGE_STATE)
def change_state(job: Job) -> dict[str, Any]:
    return run_change(job)

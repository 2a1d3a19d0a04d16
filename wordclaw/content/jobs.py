"""Work of the content at a later time."""

from typing import Any

from foundation.jobs.models import Job
from foundation.jobs.registry import job
from wordclaw.content.scheduling.actions import CHANGE_STATE, run_change
from wordclaw.content.sorting import STORE_SORT_VALUES, store_all_sort_values


@job(CHANGE_STATE)
def change_state(job: Job) -> dict[str, Any]:
    return run_change(job)


@job(STORE_SORT_VALUES)
def store_sort_values(job: Job) -> None:
    store_all_sort_values(job.payload["type"])

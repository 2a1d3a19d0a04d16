"""Work of the content at a later time."""

from typing import Any

from foundation.jobs.models import Job
from foundation.jobs.registry import job
from wordclaw.content.scheduling.actions import CHANGE_STATE, run_change
from wordclaw.content.sorting import STORE_SORT_VALUES, store_all_sort_values
from wordclaw.content.summaries import STORE_SUMMARIES, store_missing_summaries


@job(CHANGE_STATE)
def change_state(job: Job) -> dict[str, Any]:
    return run_change(job)


@job(STORE_SORT_VALUES)
def store_sort_values(job: Job) -> None:
    store_all_sort_values(job.payload["type"])


@job(STORE_SUMMARIES)
def store_summaries(job: Job) -> int:
    return store_missing_summaries(job.payload.get("type"))

"""Clean-up of the jobs table."""

from foundation.jobs.actions import delete_finished_jobs
from foundation.jobs.models import Job
from foundation.jobs.registry import job


@job("jobs.delete_finished")
def delete_finished(_job: Job) -> int:
    return delete_finished_jobs()

"""Scheduled work of requests."""

from foundation.jobs.models import Job
from foundation.jobs.registry import job
from wordclaw.requests import actions


@job("requests.delete_old")
def delete_old_requests(job: Job) -> int:
    return actions.delete_old_requests()

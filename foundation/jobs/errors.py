"""Refusals about jobs, and failures that no retry can fix."""

from foundation.refusals import Conflict, NotFound


class PermanentFailure(Exception):
    """Raised by a job that would fail in every attempt; it is not tried again."""


class JobNotFound(NotFound):
    code = "job_not_found"
    message = "There is no job with this ID."
    remediation = "List the jobs of the domain to see their IDs."


class JobCancelForbidden(Conflict):
    code = "job_cancel_forbidden"
    message = "Only a job that waits can be cancelled."
    remediation = "Read the job: it runs, or it has ended."


class JobRetryForbidden(Conflict):
    code = "job_retry_forbidden"
    message = "Only a failed job can be run again."
    remediation = "Read the job: it waits, runs, or has ended otherwise."

"""The outbox: what must follow a change is written down with it, and done after the commit.

At least once: a job runs again after an error or a crash, so its function must not mind.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.module_loading import import_string

from foundation.clock import now
from foundation.jobs.models import Job

LEASE = timedelta(minutes=10)
FIRST_PAUSE = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=6)
KEPT_FOR = timedelta(days=30)
LONGEST_ERROR = 2000
log = logging.getLogger("clawstore.jobs")


@dataclass(frozen=True, slots=True)
class JobCounts:
    """What one round came to. ``retried`` jobs are due again later, ``failed`` ones never."""

    succeeded: int = 0
    retried: int = 0
    failed: int = 0

    def __add__(self, other: "JobCounts") -> "JobCounts":
        return JobCounts(
            self.succeeded + other.succeeded,
            self.retried + other.retried,
            self.failed + other.failed,
        )


def enqueue(kind: str, payload: dict[str, Any], *, queue: str = "default") -> Job:
    """Write down that the function named ``kind`` shall run with this job, once the caller's
    transaction is committed; if that is rolled back, so is the job."""
    job: Job = Job.objects.create(kind=kind, payload=payload, queue=queue)
    transaction.on_commit(nudge, robust=True)
    return job


def nudge() -> None:
    """Wake the worker. It looks every minute anyway, so nothing depends on this."""
    if settings.NUDGE:
        import_string(settings.NUDGE)()


def run_due_jobs(*, most: int = 1000) -> JobCounts:
    """Do what is due, the oldest first, up to ``most`` jobs."""
    total = JobCounts()
    for _ in range(most):
        job = claim_job()
        if job is None:
            break
        total += run_job(job)
    return total


def claim_job() -> Job | None:
    """The next job that is due, leased to the caller; None when there is none."""
    for job in Job.objects.due().order_by("run_at", "id")[:20]:
        moment = now()
        # Whoever changes the row first has it: its old state is the condition.
        mine = Job.objects.filter(pk=job.pk, status=job.status, attempts=job.attempts).update(
            status=Job.Status.RUNNING,
            attempts=F("attempts") + 1,
            run_at=moment + LEASE,
            claimed_at=moment,
            started_at=moment,
            updated_at=moment,
        )
        if mine:
            job.refresh_from_db()
            return job
    return None


def run_job(job: Job) -> JobCounts:
    """Run a claimed job, outside of any transaction: mail servers are slow."""
    if job.attempts > job.max_attempts:
        return _set_back(job, "The worker crashed during the last attempt.")
    try:
        function: Callable[[Job], Any] = import_string(job.kind)
        result = function(job)
    except Exception as error:
        log.warning("Job %s %s failed", job.kind, job.pk, exc_info=error)
        return _set_back(job, f"{type(error).__name__}: {error}")
    _finish(job, Job.Status.SUCCEEDED, result=result, last_error="")
    return JobCounts(succeeded=1)


def _set_back(job: Job, error: str) -> JobCounts:
    """Another attempt later, or an end that nobody overlooks."""
    said = {"last_error": error[:LONGEST_ERROR]}
    if job.attempts >= job.max_attempts:
        log.error("Job %s %s given up after %s attempts: %s", job.kind, job.pk, job.attempts, error)
        _finish(job, Job.Status.FAILED, **said)
        return JobCounts(failed=1)
    _keep(job, status=Job.Status.QUEUED, run_at=now() + pause_after(job.attempts), **said)
    return JobCounts(retried=1)


def pause_after(attempts: int) -> timedelta:
    """Half a minute after the first attempt, four times as long after each, at most six hours."""
    longer: int = 4 ** min(attempts - 1, 10)
    return min(FIRST_PAUSE * longer, LONGEST_PAUSE)


def _finish(job: Job, status: str, **columns: Any) -> None:
    _keep(job, status=status, completed_at=now(), **columns)


def _keep(job: Job, **columns: Any) -> None:
    # Only while it is ours: after a lease that ran out somebody else may be at it.
    Job.objects.filter(pk=job.pk, status=Job.Status.RUNNING, attempts=job.attempts).update(
        updated_at=now(), **columns
    )


def delete_finished_jobs() -> int:
    """Drop what was done a month ago; failures stay until somebody has looked. Gives how many."""
    over = [Job.Status.SUCCEEDED, Job.Status.CANCELLED]
    old = Job.objects.filter(status__in=over, completed_at__lt=now() - KEPT_FOR)
    return old.delete()[0]

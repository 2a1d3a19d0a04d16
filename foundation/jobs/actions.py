"""Transactional outbox: a job is stored with the change and runs after the commit.

A job runs at least once: again after an error, and again if its worker is killed. Its function must
tolerate that.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

from foundation.clock import now
from foundation.jobs.durations import DurationSums
from foundation.jobs.errors import JobCancelForbidden, JobRetryForbidden, PermanentFailure
from foundation.jobs.leases import LEASE, renewed_lease
from foundation.jobs.models import Job, JobQuerySet, JobSchedule
from foundation.jobs.registry import JOBS, require_registered
from foundation.jobs.schedules import RecurringJob

# Eight attempts take fifteen hours, longer than most outages of a mail server.
FIRST_RETRY_DELAY = timedelta(seconds=30)
MAX_RETRY_DELAY = timedelta(hours=6)
PARKING_TIME = timedelta(minutes=10)
# A month of finished jobs shows at the desk what was emailed and when.
RETENTION = timedelta(days=30)
SCHEDULED = "schedules"
# Scheduled jobs run hourly and would crowd out the others.
SCHEDULED_RETENTION = timedelta(days=2)
# Clocks of two machines differ by less than this.
CLOCK_TOLERANCE = timedelta(minutes=1)
# An error can contain a whole response of another server.
MAX_ERROR_LENGTH = 2000
log = logging.getLogger("clawstore.jobs")


@dataclass(frozen=True, slots=True)
class QueueChoice:
    """Which queues a worker serves: only one, or all but some."""

    only: str = ""
    without: tuple[str, ...] = ()

    def of(self, jobs: JobQuerySet) -> JobQuerySet:
        if self.only:
            return jobs.filter(queue=self.only)
        return jobs.exclude(queue__in=self.without) if self.without else jobs


ALL_QUEUES = QueueChoice()


@dataclass(frozen=True, slots=True)
class JobCounts:
    """Outcomes of some runs.

    Retried and parked jobs become due again, failed ones never.
    """

    success_count: int = 0
    retry_count: int = 0
    failure_count: int = 0
    parked_count: int = 0

    def __add__(self, other: "JobCounts") -> "JobCounts":
        return JobCounts(
            self.success_count + other.success_count,
            self.retry_count + other.retry_count,
            self.failure_count + other.failure_count,
            self.parked_count + other.parked_count,
        )


def enqueue(
    kind: str,
    payload: dict[str, Any],
    *,
    queue: str = "default",
    run_at: datetime | None = None,
    tenant: str = "",
) -> Job:
    """Add a job to the caller's transaction; a worker runs it after the commit.

    With ``run_at`` it is due at that time. ``tenant`` names the tenant whose members may see it.
    Raises UnknownJobName.
    """
    require_registered([kind])
    job: Job = Job.objects.create(
        kind=kind, payload=payload, queue=queue, run_at=run_at or now(), tenant=tenant
    )
    return job


def enqueue_all(kinds: Sequence[str], payload: dict[str, Any], *, queue: str) -> None:
    """Add a job of each kind in one statement; they run in this order.

    Raises UnknownJobName.
    """
    require_registered(kinds)
    # Each gets a later time, which is what the worker goes by.
    Job.objects.bulk_create(Job(kind=kind, payload=payload, queue=queue) for kind in kinds)


def cancel_job(job: Job) -> None:
    """Cancel a job that no worker has claimed yet. Raises JobCancelForbidden."""
    is_cancelled = Job.objects.filter(pk=job.pk, status=Job.Status.QUEUED).update(
        status=Job.Status.CANCELLED, completed_at=now(), updated_at=now()
    )
    # The condition decides between this request and a worker.
    if not is_cancelled:
        raise JobCancelForbidden
    job.refresh_from_db()


def retry_job(job: Job) -> None:
    """Run a failed job again, with as many attempts as a new one.

    Raises JobRetryForbidden.
    """
    is_queued = Job.objects.filter(pk=job.pk, status=Job.Status.FAILED).update(
        status=Job.Status.QUEUED, attempts=0, run_at=now(), completed_at=None, updated_at=now()
    )
    if not is_queued:
        raise JobRetryForbidden
    job.refresh_from_db()


def enqueue_due_schedules() -> int:
    """Enqueue the scheduled jobs that are due, each once. Returns how many.

    A time that passed while no worker ran is made up for once. A job that is still unfinished since
    the last time is not enqueued again.
    """
    moment = now()
    states = JobSchedule.objects.in_bulk()
    schedules: tuple[RecurringJob, ...] = import_string(settings.SCHEDULES)
    return sum(
        _enqueue_if_due(schedule, states.get(schedule.kind), moment) for schedule in schedules
    )


def correct_future_jobs() -> int:
    """Make jobs due that were enqueued in the future; return how many.

    They were enqueued while the clock of a machine was ahead. Without this they would wait until
    the time that it showed.
    """
    moment = now()
    future = moment + CLOCK_TOLERANCE
    jobs = Job.objects.filter(status=Job.Status.QUEUED, run_at__gt=future, created_at__gt=future)
    return jobs.update(run_at=moment, updated_at=moment)


def _enqueue_if_due(schedule: RecurringJob, state: JobSchedule | None, moment: datetime) -> bool:
    kind, next_run_at = schedule.kind, schedule.next_after(moment)
    if state is None:
        JobSchedule.objects.get_or_create(kind=kind, defaults={"next_run_at": next_run_at})
        return False
    if state.next_run_at > next_run_at:
        # The clock was ahead when this time was computed.
        JobSchedule.objects.filter(pk=kind, next_run_at=state.next_run_at).update(
            next_run_at=next_run_at
        )
    if state.next_run_at > moment:
        return False
    with transaction.atomic():
        # Only one worker changes the row from its former value.
        is_first = JobSchedule.objects.filter(pk=kind, next_run_at=state.next_run_at).update(
            next_run_at=next_run_at, last_run_at=moment
        )
        if not is_first or Job.objects.unfinished().filter(kind=kind, queue=SCHEDULED).exists():
            return False
        enqueue(kind, {}, queue=SCHEDULED)
    return True


def run_due_jobs(*, limit: int = 1000) -> JobCounts:
    """Run up to ``limit`` jobs that are due, the oldest first."""
    counts, durations = JobCounts(), DurationSums()
    # A job can enqueue another, so the loop might never end.
    for _ in range(limit):
        job = claim_job()
        if job is None:
            break
        counts += run_job(job, durations)
    durations.write()
    return counts


def claim_job(queues: QueueChoice = ALL_QUEUES, *, is_busy: bool = False) -> Job | None:
    """Return the next due job, leased to the caller; None if there is none.

    ``is_busy``: the caller has just run one, so that there probably is another, and has looked
    for jobs of killed workers a moment ago.
    """
    # A plain read first: on SQLite a transaction would take the write lock at every poll.
    if not is_busy and not queues.of(Job.objects.due()).exists():
        return None
    with transaction.atomic():
        # A running job that is due belonged to a killed worker, and waited for the end of its
        # lease.
        abandoned_job = None if is_busy else _first_due(Job.Status.RUNNING, queues)
        job = abandoned_job or _first_due(Job.Status.QUEUED, queues)
        if job is None:
            return None
        moment = now()
        job.status = Job.Status.RUNNING
        # Counted before the run, so that a crash counts, too.
        job.attempts += 1
        job.run_at = moment + LEASE
        job.claimed_at = job.started_at = job.updated_at = moment
        job.save(
            update_fields=[
                *("status", "attempts", "run_at"),
                *("claimed_at", "started_at", "updated_at"),
            ]
        )
    return job


def _first_due(status: str, queues: QueueChoice) -> Job | None:
    """The due job of one status that waits longest.

    The index has the rows of one status in this order; those of two it would sort at each claim,
    which with 100,000 waiting jobs takes a hundred times longer.
    """
    rows = Job.objects.due().filter(status=status).select_for_update(skip_locked=True)
    due = queues.of(rows)
    return due.order_by("run_at", "id").first()


def run_job(job: Job, durations: DurationSums | None = None) -> JobCounts:
    """Run a claimed job, outside of any transaction because mail servers are slow.

    ``durations`` are the sums of the worker.
    """
    durations = DurationSums() if durations is None else durations
    # A job that kills its worker never reaches the code that counts a failure.
    if job.attempts > job.max_attempts:
        return _retry_or_fail(job, "The worker crashed during the last attempt.")
    function = JOBS.get(job.kind)
    if function is None:
        return _park(job)
    start = monotonic()
    try:
        with renewed_lease(job):
            result = function(job)
        # Fail here, inside the attempt, rather than when the row is saved.
        json.dumps(result)
    # Code of any app runs here, and its error must not end the worker.
    except Exception as error:
        log.warning("Job %s %s failed", job.kind, job.pk, exc_info=error)
        counts = _retry_or_fail(
            job, f"{type(error).__name__}: {error}", is_final=isinstance(error, PermanentFailure)
        )
        outcome = "failed" if counts.failure_count else "retried"
        durations.add(job.kind, outcome, monotonic() - start)
        return counts
    _finish(job, Job.Status.SUCCEEDED, result=result, last_error="")
    durations.add(job.kind, "succeeded", monotonic() - start)
    return JobCounts(success_count=1)


def _retry_or_fail(job: Job, error: str, *, is_final: bool = False) -> JobCounts:
    last_error = error[:MAX_ERROR_LENGTH]
    if is_final or job.attempts >= job.max_attempts:
        log.error("Job %s %s given up after %s attempts: %s", job.kind, job.pk, job.attempts, error)
        _finish(job, Job.Status.FAILED, last_error=last_error)
        return JobCounts(failure_count=1)
    run_at = now() + retry_delay(job.attempts)
    _update_claimed(job, status=Job.Status.QUEUED, run_at=run_at, last_error=last_error)
    return JobCounts(retry_count=1)


def _park(job: Job) -> JobCounts:
    """Queue a job with an unknown name again, without counting the attempt.

    During an update a new web server may enqueue jobs that the old worker does not know yet.
    """
    error = f"No job is registered under the name {job.kind}."
    log.error("Job %s parked: %s", job.pk, error)
    _update_claimed(
        job,
        status=Job.Status.QUEUED,
        # Waiting for another release is no failure of the job.
        attempts=job.attempts - 1,
        run_at=now() + PARKING_TIME,
        last_error=error,
    )
    return JobCounts(parked_count=1)


def retry_delay(attempts: int) -> timedelta:
    """Return 30 s after the first attempt, then four times as long, at most 6 h."""
    factor: int = 4 ** min(attempts - 1, 10)
    return min(FIRST_RETRY_DELAY * factor, MAX_RETRY_DELAY)


def _finish(job: Job, status: str, **columns: Any) -> None:
    # The end of the lease would be shown as the time of the run, after the job had ended.
    _update_claimed(job, status=status, run_at=job.started_at, completed_at=now(), **columns)


def _update_claimed(job: Job, **columns: Any) -> None:
    # If the lease ended, another worker may have claimed the job: its outcome counts.
    claim = Job.objects.filter(pk=job.pk, status=Job.Status.RUNNING, attempts=job.attempts)
    claim.update(updated_at=now(), **columns)


def delete_finished_jobs() -> int:
    """Delete jobs that finished a month ago, scheduled ones after two days.

    Returns how many. Failed jobs stay until a maintainer has looked at them.
    """
    finished_jobs = Job.objects.filter(status__in=[Job.Status.SUCCEEDED, Job.Status.CANCELLED])
    old = finished_jobs.filter(completed_at__lt=now() - RETENTION)
    old_scheduled = finished_jobs.filter(
        queue=SCHEDULED, completed_at__lt=now() - SCHEDULED_RETENTION
    )
    deleted_count: int = (old | old_scheduled).delete()[0]
    return deleted_count

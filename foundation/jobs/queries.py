"""Numbers of jobs, for metrics."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, CharField, Count, F, Min, Q, Value, When

from foundation.clock import now
from foundation.jobs.models import Job, JobDuration
from foundation.jobs.registry import JOBS

PARKED = "parked"
STATES = (Job.Status.QUEUED.value, Job.Status.RUNNING.value, Job.Status.FAILED.value, PARKED)


@dataclass(frozen=True, slots=True)
class JobGroup:
    """The jobs in one state, and when the oldest was enqueued; None if there is none."""

    state: str
    count: int
    oldest_at: datetime | None


def job_groups() -> list[JobGroup]:
    """Queued, running, failed and parked jobs, in one query; every state has an entry."""
    # A name may be known here and unknown to an old worker; then it counts as queued.
    is_parked = When(status=Job.Status.QUEUED, then=Value(PARKED))
    state = Case(
        When(kind__in=list(JOBS), then=F("status")),
        is_parked,
        default=F("status"),
        output_field=CharField(),
    )
    jobs = Job.objects.filter(status__in=STATES).order_by().annotate(state=state)
    rows = jobs.values_list("state").annotate(Count("pk"), Min("created_at"))
    groups = {state: JobGroup(state, count, oldest_at) for state, count, oldest_at in rows}
    return [groups.get(state, JobGroup(state, 0, None)) for state in STATES]


@dataclass(frozen=True, slots=True)
class QueueNumbers:
    """Numbers of waiting and failed jobs of one queue.

    ``oldest_due_at`` is when the oldest waiting job became due; None if none is due.
    """

    queue: str
    waiting_count: int
    failed_count: int
    oldest_due_at: datetime | None


def queue_numbers() -> list[QueueNumbers]:
    """Return the numbers of each queue that has such jobs, in one query."""
    is_queued, is_failed = Q(status=Job.Status.QUEUED), Q(status=Job.Status.FAILED)
    jobs = Job.objects.filter(is_queued | is_failed).order_by("queue")
    rows = jobs.values_list("queue").annotate(
        waiting_count=Count("pk", filter=is_queued),
        failed_count=Count("pk", filter=is_failed),
        # A job that is tried again later does not wait for a worker.
        oldest_due_at=Min("run_at", filter=is_queued & Q(run_at__lte=now())),
    )
    return [QueueNumbers(*row) for row in rows]


def job_durations() -> list[JobDuration]:
    """Runs and seconds of each registered name, by outcome."""
    return list(JobDuration.objects.order_by("kind", "outcome"))

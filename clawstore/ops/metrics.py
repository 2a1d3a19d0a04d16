"""Prometheus metrics: requests by route, CPU budgets, and jobs.

Every worker process writes its numbers into files of DATA_DIR/metrics. The process that serves
`/metrics` adds them up. Numbers of jobs come from the database, so they are complete wherever the
workers run.
"""

import hmac
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from ipaddress import ip_address

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse

from clawstore.ops.metric_files import FOLDER, reserve_files
from foundation.clock import now
from foundation.jobs.models import JobDuration
from foundation.jobs.queries import (
    JobGroup,
    QueueNumbers,
    job_durations,
    job_groups,
    queue_numbers,
)
from foundation.limits.budgets import cpu_budgets
from foundation.sandbox.usage import take_stopped_tasks

reserve_files()

# The library reads where its files are when it is imported, so it comes after the line above.
from prometheus_client import (  # noqa: E402
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    exposition,
    multiprocess,
)
from prometheus_client.core import (  # noqa: E402
    GaugeMetricFamily,
    Metric,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector  # noqa: E402

from registry.mirroring.queries import list_mirrors  # noqa: E402
from wordclaw.content.types.queries import count_by_publication  # noqa: E402
from wordclaw.payments.settlement.queries import count_payments  # noqa: E402

log = logging.getLogger("clawstore")

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")

_seconds = Histogram(
    "clawstore_request_seconds",
    "Time to the start of the response, by method, route and status.",
    ("method", "route", "status"),
    registry=CollectorRegistry(),
    # Each bucket is a series for each method, route and status, so there are few.
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
_spent_seconds = Counter(
    "clawstore_budget_seconds",
    "CPU time spent of a budget, in seconds.",
    ("budget",),
    registry=CollectorRegistry(),
)
_stopped_tasks = Counter(
    "clawstore_sandbox_stops",
    "Tasks of the sandbox that exceeded a limit or ended their process, by reason.",
    ("reason",),
    registry=CollectorRegistry(),
)
_refused_streams = Counter(
    "clawstore_mcp_streams_refused",
    "Streams of MCP that were refused because too many were open.",
    registry=CollectorRegistry(),
)
_series: dict[tuple[str, str, int], Histogram] = {}


@contextmanager
def ignoring_full_disk() -> Iterator[None]:
    """Let a request succeed although the disk is too full for its numbers."""
    try:
        yield
    except OSError as error:
        log.warning("A request is not counted: %s", error)


def record_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one response.

    ``route`` is a URL pattern, not an address, so the number of series is bounded.
    """
    # Strangers invent methods; each would be remembered for ever.
    key = (method if method in METHODS else "other", route, status)
    with ignoring_full_disk():
        series = _series.get(key)
        if series is None:
            series = _series[key] = _seconds.labels(key[0], route, str(status))
        series.observe(seconds)


def record_budget_use() -> None:
    """Add the CPU time spent of each budget, and stopped tasks, since the last call."""
    for reason, count in take_stopped_tasks().items():
        with ignoring_full_disk():
            _stopped_tasks.labels(reason).inc(count)
    for cpu_budget in cpu_budgets():
        # Most requests spend none, and then no lock is needed to know it.
        if cpu_budget.unreported_seconds and (seconds := cpu_budget.take_unreported()):
            with ignoring_full_disk():
                _spent_seconds.labels(cpu_budget.budget.name).inc(seconds)


@cache
def _open_streams() -> Gauge:
    # At the first stream, because each live gauge is a file of its process.
    return Gauge(
        "clawstore_mcp_streams",
        "Open streams of MCP.",
        registry=CollectorRegistry(),
        multiprocess_mode="livesum",
    )


def set_open_streams(count: int) -> None:
    """Store how many streams of MCP this process keeps open."""
    with ignoring_full_disk():
        _open_streams().set(count)


def count_refused_stream() -> None:
    """Count a stream of MCP that was refused."""
    with ignoring_full_disk():
        _refused_streams.inc()


class JobCollector(Collector):
    """Numbers of jobs by state, and durations by registered name."""

    def collect(self) -> Iterator[Metric]:
        try:
            groups, durations, queues = job_groups(), job_durations(), queue_numbers()
        except DatabaseError:
            # The other metrics matter most while the database is away.
            log.warning("The metrics contain no jobs", exc_info=True)
            return
        yield _jobs_by_state(groups)
        yield _oldest_jobs(groups)
        yield _job_seconds(durations)
        yield from _queue_families(queues)


@dataclass(frozen=True)
class StateCollector(Collector):
    """Numbers of rows by state, read from the database."""

    name: str
    description: str
    count: Callable[[], Mapping[str, int]]

    def collect(self) -> Iterator[Metric]:
        try:
            counts = self.count()
        except DatabaseError:
            log.warning("The metrics contain no %s", self.name, exc_info=True)
            return
        family = GaugeMetricFamily(self.name, self.description, labels=["state"])
        for state, count in counts.items():
            family.add_metric([state], count)
        yield family


STATE_COLLECTORS = (
    StateCollector(
        "clawstore_content_items",
        "Content items by publication state, without deleted ones.",
        count_by_publication,
    ),
    StateCollector(
        "clawstore_payments",
        "Payments by state. Hanging ones are pending, too, after the end of their invoice.",
        count_payments,
    ),
)


class MirrorCollector(Collector):
    """How far mirrors of other shops are, read from the database."""

    def collect(self) -> Iterator[Metric]:
        try:
            mirrors = list_mirrors()
        except DatabaseError:
            log.warning("The metrics contain no mirrors", exc_info=True)
            return
        families = {
            name: GaugeMetricFamily(f"clawstore_mirror_{name}", text, labels=["source"])
            for name, text in (
                ("lag_seconds", "Seconds since a run of the mirror last came to its end."),
                ("waiting_agents", "Agents that the mirror has to compare with the source."),
                ("problems", "Versions, agents and scopes that could not be taken over."),
                ("alarms", "Problems for which the source contradicts itself."),
            )
        }
        moment = now()
        for mirror in mirrors:
            age = moment - (mirror.succeeded_at or mirror.created_at)
            numbers = {
                "lag_seconds": max(age.total_seconds(), 0),
                "waiting_agents": mirror.waiting_count,  # type: ignore[attr-defined]
                "problems": mirror.problem_count,  # type: ignore[attr-defined]
                "alarms": mirror.alarm_count,  # type: ignore[attr-defined]
            }
            for name, number in numbers.items():
                families[name].add_metric([mirror.source], number)
        yield from families.values()


def _jobs_by_state(groups: Iterable[JobGroup]) -> Metric:
    family = GaugeMetricFamily(
        "clawstore_jobs",
        "Jobs by state. A parked job waits for a worker that knows its name.",
        labels=["state"],
    )
    for group in groups:
        family.add_metric([group.state], group.count)
    return family


def _oldest_jobs(groups: Iterable[JobGroup]) -> Metric:
    family = GaugeMetricFamily(
        "clawstore_jobs_oldest_seconds",
        "Seconds since the oldest job in this state was enqueued; 0 without jobs.",
        labels=["state"],
    )
    moment = now()
    for group in groups:
        age = moment - group.oldest_at if group.oldest_at else timedelta()
        family.add_metric([group.state], max(age.total_seconds(), 0))
    return family


def _queue_families(queues: Iterable[QueueNumbers]) -> Iterator[Metric]:
    families = {
        name: GaugeMetricFamily(f"clawstore_queue_{name}", text, labels=["queue"])
        for name, text in (
            ("waiting", "Jobs of a queue that wait, also those that are tried again later."),
            ("failed", "Jobs of a queue that failed for good."),
            ("oldest_seconds", "Seconds since the oldest waiting job of a queue became due."),
        )
    }
    moment = now()
    for numbers in queues:
        age = moment - numbers.oldest_due_at if numbers.oldest_due_at else timedelta()
        families["waiting"].add_metric([numbers.queue], numbers.waiting_count)
        families["failed"].add_metric([numbers.queue], numbers.failed_count)
        families["oldest_seconds"].add_metric([numbers.queue], age.total_seconds())
    yield from families.values()


def _job_seconds(durations: Iterable[JobDuration]) -> Metric:
    family = SummaryMetricFamily(
        "clawstore_job_seconds",
        "Number and duration of the runs of jobs, by registered name and outcome.",
        labels=["name", "outcome"],
    )
    for row in durations:
        family.add_metric([row.kind, row.outcome], row.run_count, row.seconds)
    return family


def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics, for this machine and for holders of METRICS_TOKEN; otherwise 404."""
    if not (is_local(request) or has_metrics_token(request)):
        # Not 403, which would tell a stranger that the metrics are here.
        return HttpResponse(status=404, headers={"Cache-Control": "no-store"})
    registry = CollectorRegistry()
    # A new registry for each request, because the files of all workers are read anew.
    multiprocess.MultiProcessCollector(registry, path=str(FOLDER))
    registry.register(JobCollector())
    registry.register(MirrorCollector())
    for collector in STATE_COLLECTORS:
        registry.register(collector)
    text = exposition.generate_latest(registry)
    return HttpResponse(
        text, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"}
    )


def is_local(request: HttpRequest) -> bool:
    """Whether the request comes directly from this machine.

    A request through a proxy comes from elsewhere. A request for another host name may come from
    a browser under DNS rebinding.
    """
    # A proxy on this machine would otherwise open the metrics to all its clients.
    if any(header in request.META for header in FORWARDED):
        return False
    host = request.META.get("HTTP_HOST", "").rsplit(":", 1)[0].strip("[]")
    return host in {"127.0.0.1", "localhost", "::1"} and _is_loopback(request)


def _is_loopback(request: HttpRequest) -> bool:
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def has_metrics_token(request: HttpRequest) -> bool:
    if not settings.METRICS_TOKEN:
        return False
    authorization = request.META.get("HTTP_AUTHORIZATION", "")
    # A plain comparison ends at the first wrong character, which can be timed.
    return hmac.compare_digest(authorization.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())


def delete_old_metrics() -> None:
    """Delete the numbers of an earlier run, before the first worker starts."""
    for file in FOLDER.glob("*.db"):
        file.unlink(missing_ok=True)


def forget_dead_worker(pid: int) -> None:
    """Remove a dead worker's live gauges; its counters stay."""
    multiprocess.mark_process_dead(pid, path=str(FOLDER))

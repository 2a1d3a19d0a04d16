"""The loop of a worker process."""

import logging
import threading
from collections.abc import Mapping
from time import monotonic

from django.db import DatabaseError, close_old_connections, connections

from foundation.jobs.actions import (
    ALL_QUEUES,
    QueueChoice,
    claim_job,
    correct_future_jobs,
    enqueue_due_schedules,
    run_job,
)
from foundation.jobs.durations import DurationSums

# ADR 18 compares this with waking the worker.
POLL_INTERVAL = 0.5
SCHEDULE_INTERVAL = 10.0
# How often a busy worker looks for jobs of killed workers.
LEASE_CHECK_INTERVAL = 1.0
PAUSE_AFTER_FAILURE = 5.0
log = logging.getLogger("clawstore.jobs")


class Worker:
    """Runs due jobs and schedules until it is stopped.

    Any number of workers may run at once. An idle worker polls the table twice a second, one
    indexed query each time, so a job starts at most half a second after the commit, on SQLite
    as on PostgreSQL. With ``queues`` it serves only some of them.
    """

    def __init__(self, queues: QueueChoice = ALL_QUEUES) -> None:
        self._queues = queues
        self._durations = DurationSums()
        self._is_busy = False
        self._leases_checked_at = 0.0
        self._is_stopping = threading.Event()
        self._schedules_checked_at: float | None = None

    def stop(self) -> None:
        """Return from `run` after the current job. May be called in a signal handler."""
        self._is_stopping.set()

    def run(self) -> None:
        while not self._is_stopping.is_set():
            try:
                pause = 0.0 if self._run_next() else POLL_INTERVAL
            except Exception:
                # The database may be restarting. A job that was running is due after its lease.
                log.exception("The worker failed and tries again in %s s", PAUSE_AFTER_FAILURE)
                pause = PAUSE_AFTER_FAILURE
            self._is_stopping.wait(pause)
        self._write_durations()
        connections.close_all()

    def _write_durations(self) -> None:
        try:
            self._durations.write()
        except DatabaseError:
            log.warning("The durations of the last jobs are lost", exc_info=True)

    def _run_next(self) -> bool:
        """Run one job; False if none is due."""
        # A worker lives for days; the database may have closed its connection.
        close_old_connections()
        last_check = self._schedules_checked_at
        if last_check is None or monotonic() - last_check >= SCHEDULE_INTERVAL:
            correct_future_jobs()
            enqueue_due_schedules()
            self._schedules_checked_at = monotonic()
        is_busy = self._is_busy and monotonic() - self._leases_checked_at < LEASE_CHECK_INTERVAL
        if not is_busy:
            self._leases_checked_at = monotonic()
        job = claim_job(self._queues, is_busy=is_busy)
        self._is_busy = job is not None
        if job is None:
            self._durations.write()
            return False
        run_job(job, self._durations)
        self._durations.write(is_due=False)
        return True


class WorkerGroup:
    """The workers of a process: one for most queues, and threads for each slow one.

    ``slow_queues`` has the number of threads by queue. Their jobs wait for other servers, and
    would otherwise hold up everything else.
    """

    def __init__(self, slow_queues: Mapping[str, int]) -> None:
        self._main = Worker(QueueChoice(without=tuple(slow_queues)))
        self._threaded_workers = [
            Worker(QueueChoice(only=queue))
            for queue, thread_count in slow_queues.items()
            for _ in range(thread_count)
        ]

    def stop(self) -> None:
        """Return from `run` after the current jobs. May be called in a signal handler."""
        for worker in (self._main, *self._threaded_workers):
            worker.stop()

    def run(self) -> None:
        threads = [threading.Thread(target=worker.run) for worker in self._threaded_workers]
        for thread in threads:
            thread.start()
        self._main.run()
        for thread in threads:
            thread.join()

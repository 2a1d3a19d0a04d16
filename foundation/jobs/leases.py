"""Renewal of a worker's lease while its job runs."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connections

from foundation.clock import now
from foundation.jobs.models import Job

# Short, because the job of a killed worker waits so long.
LEASE = timedelta(seconds=60)
# Two renewals may fail before the lease ends.
RENEWAL_INTERVAL = LEASE.total_seconds() / 3
log = logging.getLogger("clawstore.jobs")


@contextmanager
def renewed_lease(job: Job) -> Iterator[None]:
    """Renew the lease of a running job every 20 seconds inside the block.

    A job may therefore take any time, and another worker still takes over the job of a killed
    worker after a minute.
    """
    is_done = threading.Event()
    thread = threading.Thread(target=_renew, args=(job, is_done), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_done.set()
        # Otherwise its connection would outlive the job.
        thread.join()


def _renew(job: Job, is_done: threading.Event) -> None:
    claim = Job.objects.filter(pk=job.pk, status=Job.Status.RUNNING, attempts=job.attempts)
    while not is_done.wait(RENEWAL_INTERVAL):
        try:
            claim.update(run_at=now() + LEASE)
        except Exception:
            log.warning("The lease of job %s was not renewed", job.pk, exc_info=True)
        finally:
            # This thread's own connection.
            connections.close_all()

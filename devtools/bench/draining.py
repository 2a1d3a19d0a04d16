"""Measure how fast two workers run a long queue of jobs that do nothing.

As a program it is one of the workers.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from time import monotonic, sleep

from devtools.bench.shop import BenchShop

JOBS = 100_000
WORKERS = 2
BATCH_SIZE = 5_000
TIMEOUT = 1800
KIND = "bench.nothing"
HEAD = ["figure", "value"]
# Jobs per second that two workers must reach on PostgreSQL.
BUDGET = 200


def measure_draining(shop: BenchShop, *, jobs: int = JOBS) -> Iterator[list[str]]:
    """Yield the rows of the table ``HEAD``."""
    from foundation.jobs.models import Job

    for start in range(0, jobs, BATCH_SIZE):
        count = min(BATCH_SIZE, jobs - start)
        Job.objects.bulk_create(Job(kind=KIND, queue="bench") for _ in range(count))
    waiting_jobs = Job.objects.filter(kind=KIND, status=Job.Status.QUEUED)
    with ExitStack() as stack:
        start_time = monotonic()
        for _ in range(WORKERS):
            command = [sys.executable, "-m", "devtools.bench.draining"]
            worker = subprocess.Popen(command, env=os.environ)
            stack.callback(worker.wait)
            stack.callback(worker.terminate)
        while waiting_jobs.exists() and monotonic() - start_time < TIMEOUT:
            sleep(0.2)
        seconds = monotonic() - start_time
    left_count = waiting_jobs.count()
    repeat_count = Job.objects.filter(kind=KIND, attempts__gt=1).count()
    yield ["jobs", f"{jobs:,}"]
    yield ["per second", f"{(jobs - left_count) / seconds:,.0f}"]
    yield ["budget", f"{BUDGET:,}"]
    yield ["left", f"{left_count:,}"]
    yield ["run more than once", f"{repeat_count:,}"]
    Job.objects.filter(kind=KIND).delete()


def run_worker() -> None:
    """Run a worker that knows the job of the measurement."""
    import django

    django.setup()
    from django.core.management import call_command

    from foundation.jobs.registry import job

    job(KIND)(lambda _job: None)
    call_command("run_worker")


if __name__ == "__main__":
    run_worker()

"""A worker process with jobs that write to a file."""

import sys
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import django

django.setup()

from foundation.jobs import actions, leases  # noqa: E402
from foundation.jobs.management.commands.run_worker import Command  # noqa: E402
from foundation.jobs.models import Job  # noqa: E402
from foundation.jobs.registry import JOBS  # noqa: E402

LEASE_SECONDS = 3.0
JOB_SECONDS = 0.1


def write_line(job: Job) -> None:
    with Path(job.payload["file"]).open("a") as file:
        print("start", job.payload["number"], job.attempts, file=file, flush=True)
        time.sleep(JOB_SECONDS)
        print("end", job.payload["number"], job.attempts, file=file, flush=True)


def main(command: str, *arguments: str) -> None:
    JOBS["tests.write_line"] = write_line
    actions.LEASE = leases.LEASE = timedelta(seconds=LEASE_SECONDS)
    if command == "run":
        Command().handle()
    elif command == "enqueue":
        file, count = arguments
        for number in range(int(count)):
            actions.enqueue("tests.write_line", {"file": file, "number": number})
    else:
        statuses = Job.objects.filter(kind="tests.write_line").values_list("status", flat=True)
        print(dict(Counter(statuses)))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""Run a worker until SIGINT or SIGTERM."""

import signal
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from foundation.jobs.worker import Worker


class Command(BaseCommand):
    help = "Run jobs and schedules until it is stopped. A second worker shares the work."

    def handle(self, **options: Any) -> None:
        worker = Worker()

        def stop(number: int, frame: FrameType | None) -> None:
            worker.stop()

        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)
        worker.run()

"""Run a worker until SIGINT or SIGTERM."""

import signal
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from foundation.jobs.worker import WorkerGroup


class Command(BaseCommand):
    help = "Run jobs and schedules until it is stopped. A second worker shares the work."

    def handle(self, **options: Any) -> None:
        worker = WorkerGroup(settings.SLOW_QUEUES)

        def stop(number: int, frame: FrameType | None) -> None:
            worker.stop()

        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)
        worker.run()

"""Do once what the background worker does all the time: everything in the outbox that is due."""

from typing import Any

from django.core.management.base import BaseCommand

from foundation.jobs.actions import run_due_jobs


class Command(BaseCommand):
    help = "Run all due jobs once: emails and other reactions to changes."
    # They read all pages first, which takes longer than the command, and says nothing of the data.
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        done = run_due_jobs()
        self.stdout.write(
            f"{done.succeeded} done, {done.retried} to be retried, {done.failed} failed."
        )

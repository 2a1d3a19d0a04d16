"""Run all jobs that are due, once."""

from typing import Any

from django.core.management.base import BaseCommand

from foundation.jobs.actions import run_due_jobs


class Command(BaseCommand):
    help = "Run all due jobs once: emails and other reactions to changes."
    # System checks import every page, which takes longer than this command.
    requires_system_checks: list[str] = []

    def handle(self, **options: Any) -> None:
        counts = run_due_jobs()
        self.stdout.write(
            f"{counts.success_count} done, {counts.retry_count} to be retried,"
            f" {counts.failure_count} failed."
        )

"""Check that the ledger of sales adds up; ``--complete`` writes missing entries."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from wordclaw.payments.revenue.checks import complete_ledger, ledger_problems


class Command(BaseCommand):
    help = (
        "Check that the entries of each event sum to zero and agree with payments and refunds. "
        "Exits with 1 if they do not."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--complete",
            action="store_true",
            help="write the entries of sales and refunds from before the ledger was switched on",
        )

    def handle(self, *args: Any, complete: bool, **options: Any) -> None:
        if not settings.EXPERIMENTAL_REVENUE:
            raise CommandError("The ledger is off: EXPERIMENTAL_REVENUE.")
        if complete:
            self.stdout.write(f"{complete_ledger()} events written.")
        problems = list(ledger_problems())
        for problem in problems:
            self.stdout.write(problem)
        if problems:
            raise CommandError("The ledger does not add up.", returncode=1)
        self.stdout.write("The ledger adds up.")

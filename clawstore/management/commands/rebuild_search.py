"""Index the agents whose search index is missing or made by former rules."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from registry.search_index.actions import forget_rules, index_next

# One transaction each: writers of a running shop wait for no more than this.
BATCH = 1_000


class Command(BaseCommand):
    help = (
        "Index the agents whose search index is missing or made by former rules, in batches, while "
        "the shop runs. What was interrupted goes on with the next run. `recount` checks the index."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="index all agents again")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["all"]:
            # Marks all rows as made by former rules, so that an interrupted run goes on instead of
            # beginning anew.
            forget_rules()
        total = 0
        while count := index_next(BATCH):
            total += count
            self.stdout.write(f"{total} agents indexed.")
        if not total:
            self.stdout.write("The index is complete.")

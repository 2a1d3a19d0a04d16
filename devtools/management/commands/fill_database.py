"""Fill an empty database with synthetic agents for measurements."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devtools.synthetic.bulk import fill_database
from registry.models import Agent


class Command(BaseCommand):
    help = "Fill an empty database with synthetic agents, to measure lists and searches."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--agents", type=int, default=250_000, metavar="N")
        parser.add_argument("--seed", type=int, default=1)

    def handle(self, *, agents: int, seed: int, **options: Any) -> None:
        if Agent.objects.exists():
            raise CommandError("The database already contains agents.")
        fill_database(agents, seed=seed)
        self.stdout.write(f"{agents:,} agents")

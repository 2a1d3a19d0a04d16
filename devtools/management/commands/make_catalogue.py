"""Write a synthetic catalogue to a folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from devtools.synthetic.make import make_catalogue
from devtools.synthetic.versions import MAX_VERSIONS
from foundation.refusals import Refusal


class Command(BaseCommand):
    help = "Write a catalogue of synthetic agents, for import_catalogue."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path)
        parser.add_argument("--agents", type=int, default=1000, metavar="N")
        parser.add_argument("--seed", type=int, default=1, help="equal seeds give equal bytes")
        parser.add_argument(
            "--files",
            type=int,
            nargs="?",
            const=-1,
            default=0,
            metavar="N",
            help="agents whose latest version has a package; all agents without a number",
        )
        parser.add_argument(
            "--versions", type=int, default=MAX_VERSIONS, metavar="N", help="of an agent, at most"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        agents, files = options["agents"], options["files"]
        try:
            summary = make_catalogue(
                options["folder"],
                agents=agents,
                seed=options["seed"],
                with_files=agents if files < 0 else files,
                max_versions=options["versions"],
            )
        except (Refusal, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal
        for name, table in summary.tables.items():
            self.stdout.write(f"{name:20} {table.rows:>9}")
        self.stdout.write(f"{'files':20} {summary.files.count:>9}  {summary.files.bytes} bytes")

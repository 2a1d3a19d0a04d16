"""Read a whole catalogue from a folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clawstore.transfer.importing import import_catalogue
from foundation.actor import Actor
from foundation.refusals import Refusal


class Command(BaseCommand):
    help = "Import a catalogue into an empty database, completely or not at all."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path)
        parser.add_argument(
            "--private",
            action="store_true",
            help="Refuse a public export, which is no backup. Without it, both kinds are imported.",
        )

    def handle(self, *args: Any, folder: Path, private: bool, **options: Any) -> None:
        by = Actor(door="command")
        try:
            summary = import_catalogue(folder, by=by, must_be_private=private)
        except (Refusal, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal
        for name, count in summary.rows.items():
            if count:
                self.stdout.write(f"{name:20} {count:>9}")
        files = summary.files
        self.stdout.write(f"{'files':20} {files.count:>9}  {files.bytes} bytes")
        if files.missing_count:
            self.stderr.write(f"{files.missing_count} files are missing in the folder.")
        if summary.not_read:
            self.stderr.write(f"Ignored, not part of a catalogue: {', '.join(summary.not_read)}")

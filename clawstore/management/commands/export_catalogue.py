"""Write the whole catalogue to a folder."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clawstore.transfer.exporting import export_catalogue
from foundation.refusals import Refusal


class Command(BaseCommand):
    help = (
        "Export the catalogue to a new or empty folder, for backup, mirroring or a database change."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", type=Path)
        parser.add_argument(
            "--private",
            action="store_true",
            help="full backup, with accounts, email addresses, keys, reports and the audit log",
        )

    def handle(self, *args: Any, folder: Path, private: bool, **options: Any) -> None:
        try:
            summary = export_catalogue(folder, private=private)
        except (Refusal, OSError) as refusal:
            raise CommandError(str(refusal)) from refusal
        for name, digest in summary.tables.items():
            self.stdout.write(f"{name:20} {digest.rows:>9}")
        self.stdout.write(f"{'files':20} {summary.files.count:>9}  {summary.files.bytes} bytes")
        if summary.files.kept_back:
            self.stdout.write(f"{'withheld, skipped':20} {summary.files.kept_back:>9}")
        if summary.files.missing_count:
            keys = ", ".join(summary.files.first_missing)
            # On standard error, as a script that reads the table must not take it for a row.
            self.stderr.write(
                f"Skipped {summary.files.missing_count} missing or damaged files ({keys})."
            )

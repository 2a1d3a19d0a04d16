"""Delete stored files without a row, which a crashed publish leaves behind."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from registry.publishing.sweep import sweep_files


class Command(BaseCommand):
    help = "Delete orphaned files older than one day."

    def add_arguments(self, parser: CommandParser) -> None:
        # Bytes are stored before their row (ADR 3), so a young file may belong to a publish that
        # still runs.
        parser.add_argument("--older-than-hours", type=int, default=24)

    def handle(self, *, older_than_hours: int, **options: Any) -> None:
        removed_count = sweep_files(older_than_hours=older_than_hours)
        self.stdout.write(f"{removed_count} orphaned files deleted.")

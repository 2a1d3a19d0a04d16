"""Analyse stored packages again with the current rules and renderer."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from registry.models import Version
from registry.publishing.reanalyse import reanalyse_version


class Command(BaseCommand):
    help = "Recompute files, findings and rendered text from the stored packages."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--missing", action="store_true", help="only versions without stored results"
        )

    def handle(self, *, missing: bool, **options: Any) -> None:
        versions = Version.objects.order_by("pk")
        if missing:
            versions = versions.filter(versionfiles=None)
        done = [reanalyse_version(version) for version in versions.iterator(chunk_size=100)]
        self.stdout.write(
            f"{sum(done)} versions computed, {len(done) - sum(done)} without a stored package."
        )

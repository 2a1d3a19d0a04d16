"""Analyse stored packages again with the current rules and renderer."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from registry.agents.rendered import store_missing_parts
from registry.errors import PackageTooCostly
from registry.models import Version
from registry.publishing.reanalyse import reanalyse_version


class Command(BaseCommand):
    help = "Recompute files, findings and rendered text from the stored packages."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--missing", action="store_true", help="only versions without stored results"
        )
        parser.add_argument(
            "--pages", action="store_true", help="only store missing parts of pages and rows"
        )

    def handle(self, *, missing: bool, pages: bool, **options: Any) -> None:
        if pages:
            total = 0
            while count := store_missing_parts():
                total += count
            self.stdout.write(f"{total} pages and rows stored")
            return
        versions = Version.objects.order_by("pk")
        if missing:
            versions = versions.filter(versionfiles=None)
        computed = absent = 0
        # A stream, because an old shop has more versions than fit in memory.
        for version in versions.select_related("agent").iterator(chunk_size=100):
            try:
                is_stored = reanalyse_version(version)
            except PackageTooCostly as refusal:
                self.stderr.write(f"{version.agent.full_id} {version.version}: {refusal.message}")
                # One package over the limits must not stop the others.
                continue
            computed += is_stored
            absent += not is_stored
        self.stdout.write(f"{computed} versions computed, {absent} without a stored package.")

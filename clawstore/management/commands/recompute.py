"""Analyse stored packages again with the current rules and renderer."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db.models import QuerySet

from foundation.batches import walk_by_key
from registry.agents.rendered import store_all_missing_parts
from registry.errors import PackageTooCostly
from registry.files.rendered import store_all_missing_file_lists
from registry.models import Version
from registry.publishing.reanalyse import reanalyse_version

VERSIONS_AT_ONCE = 100


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
            total = store_all_missing_parts() + store_all_missing_file_lists()
            self.stdout.write(f"{total} pages and rows stored")
            return
        versions = Version.objects.filter(versionfiles=None) if missing else Version.objects.all()
        computed_count = absent = 0
        for version in _in_batches(versions):
            try:
                is_stored = reanalyse_version(version)
            except PackageTooCostly as refusal:
                self.stderr.write(f"{version.agent.full_id} {version.version}: {refusal.message}")
                # One package over the limits must not stop the others.
                continue
            computed_count += is_stored
            absent += not is_stored
        self.stdout.write(f"{computed_count} versions computed, {absent} without a stored package.")


def _in_batches(versions: QuerySet[Version]) -> Iterator[Version]:
    """The versions by key; an old shop has more than fit in memory."""
    for keys in walk_by_key(versions, VERSIONS_AT_ONCE):
        yield from Version.objects.filter(pk__in=keys).select_related("agent").order_by("pk")

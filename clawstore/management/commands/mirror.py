"""Mirror scopes of another shop; run it again to follow what changes there."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from foundation.actor import Actor
from foundation.refusals import Refusal
from registry.mirroring.actions import run_mirror


class Command(BaseCommand):
    help = (
        "Mirror scopes of another shop: new versions, yanks, withholdings, deprecations, archives "
        "and moves. A run that was stopped is continued by the next one. The environment variable "
        "MIRROR_KEY is an API key of a closed source."
    )
    # System checks load all pages, which takes longer than the command.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("url", help="the address of the other shop")
        parser.add_argument(
            "--scope", action="append", default=[], help="a scope to mirror; may be repeated"
        )
        parser.add_argument("--all", action="store_true", help="mirror all scopes, also later ones")
        parser.add_argument(
            "--retry", action="store_true", help="try versions again that were refused here"
        )

    def handle(self, *args: Any, url: str, scope: list[str], retry: bool, **options: Any) -> None:
        try:
            result = run_mirror(
                url,
                scopes=scope,
                follows_all=options["all"],
                retries_refused=retry,
                key=settings.MIRROR_KEY,
                by=Actor(door="command"),
            )
        except Refusal as refusal:
            raise CommandError(f"[{refusal.code}] {refusal.message}") from refusal
        self.stdout.write(
            f"{result.agent_count} agents compared, {result.published_count} versions published,"
            f" {result.skipped_count} skipped. Known problems: {result.problem_count}, of them"
            f" alarms: {result.alarm_count}. The desk lists them under Mirrors."
        )

"""Serve MCP over standard input and output, as one user of this shop."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string

from foundation.access.scopes import declared_scopes
from foundation.actor import Actor
from foundation.audit.middleware import random_id
from profiles.queries import user_named


class Command(BaseCommand):
    help = "Serve MCP over standard input and output, as the user with this GitHub login."
    # System checks load all pages, which takes longer than the command.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", required=True, metavar="LOGIN")

    def handle(self, *, user: str, **options: Any) -> None:
        person = user_named(user.lower())
        if person is None or not person.is_active:
            raise CommandError(f"There is no active user {user}. They have to sign in once first.")
        # A key with every scope, and no session: what only a signed-in browser may do is closed.
        by = Actor(
            user=person,
            scopes=frozenset(declared_scopes()),
            door="mcp",
            request_id=random_id(),
        )
        import_string("clawstore.mcp.stdio.serve_stdio")(by)

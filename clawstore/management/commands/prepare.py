"""Prepare the database before the start; in development load the demo catalogue."""

import os
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from foundation.accounts.actions import update_role_groups
from registry.search_index.actions import index_next

BATCH = 1_000


class Command(BaseCommand):
    help = "Migrate the database and, in development, load the demo catalogue."
    # System checks load all pages, which takes longer than the command.
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        # First, because Django's own error is a traceback, and the next line would raise it.
        refuse_absent_database()
        # Even without work `migrate` runs checks and signals, which would slow down each start.
        if self._has_migrations_to_run():
            call_command("migrate", interactive=False, verbosity=0)
        update_role_groups()
        # After an upgrade with new rules; nothing to do otherwise.
        while index_next(BATCH):
            pass
        if settings.IN_DEVELOPMENT and os.environ.get("DEMO", "on") != "off":
            call_command("load_demo", verbosity=0)

    def _has_migrations_to_run(self) -> bool:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def refuse_absent_database() -> None:
    """End with one line that says where the database was sought, without the password."""
    try:
        connection.ensure_connection()
    except OperationalError as error:
        address = connection.settings_dict
        place = f"{address['HOST'] or 'this machine'}:{address['PORT'] or 'the usual port'}"
        name = address["NAME"] if connection.vendor == "sqlite" else f"{address['NAME']} at {place}"
        reason = str(error).strip().splitlines()[0]
        raise CommandError(
            f"The database {name} (DATABASE_URL) cannot be opened: {reason}."
        ) from error

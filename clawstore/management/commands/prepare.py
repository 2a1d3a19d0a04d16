"""Prepare the database before the start; in development load the demo catalogue."""

import os
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from foundation.accounts.actions import update_role_groups


class Command(BaseCommand):
    help = "Migrate the database and, in development, load the demo catalogue."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        if self._has_migrations_to_run():
            call_command("migrate", interactive=False, verbosity=0)
        update_role_groups()
        if settings.IN_DEVELOPMENT and os.environ.get("DEMO", "on") != "off":
            call_command("load_demo", verbosity=0)

    def _has_migrations_to_run(self) -> bool:
        executor = MigrationExecutor(connection)
        return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))

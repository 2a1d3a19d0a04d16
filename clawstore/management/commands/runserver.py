"""Django's development server, which in development listens to this machine alone."""

from typing import Any

from django.conf import settings
from django.contrib.staticfiles.management.commands import runserver
from django.core.management.base import CommandError

from clawstore.address_checks import ONLY_HERE, is_loopback


class Command(runserver.Command):
    addr: str

    def run(self, **options: Any) -> None:
        if settings.IN_DEVELOPMENT and not is_loopback(self.addr):
            # In development anyone can sign in as anyone.
            raise CommandError(f"The address is {self.addr!r}, {ONLY_HERE}.")
        super().run(**options)

"""Create an API key and print it once, alone on standard output."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation.access.actions import create_key
from foundation.access.scopes import declared_scopes
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.clock import now
from foundation.refusals import Refusal
from profiles.actions import make_development_user
from profiles.queries import user_named


class Command(BaseCommand):
    help = "Create an API key for the user with this GitHub login and print only the key."
    # System checks load all pages, which takes longer than the command.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login")
        parser.add_argument(
            "--scope", nargs="+", action="extend", required=True, metavar="SCOPE",
            help=f"one or more of {', '.join(declared_scopes())}",
        )  # fmt: skip
        parser.add_argument("--name", default="created on the command line")
        parser.add_argument("--bound-to", default="", metavar="@scope/name")
        parser.add_argument("--days", type=int, default=None, help="days until the key expires")
        parser.add_argument(
            "--create",
            action="store_true",
            help="create the user if it does not exist (development only)",
        )

    def handle(self, *, login: str, **options: Any) -> None:
        # Without a user: the operator of the machine acts, not the user who gets the key.
        by = Actor(door="command")
        user = user_named(login.lower())
        if user is None and options["create"]:
            user = self._make(login, by)
        if user is None:
            raise CommandError(f"There is no user {login}. They have to sign in once first.")
        try:
            _, raw = create_key(
                user,
                name=options["name"],
                scopes=options["scope"],
                bound_to=options["bound_to"],
                expires_at=_expiry(options["days"]),
                by=by,
            )
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        # Alone on its line, so that a script can put it into a variable.
        self.stdout.write(raw)

    def _make(self, login: str, by: Actor) -> User:
        # A user without GitHub's numeric id could never sign in, and would hold the login of
        # another.
        if not settings.IN_DEVELOPMENT:
            raise CommandError("--create works in development only: in production, people sign in.")
        try:
            return make_development_user(login, by=by)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal


def _expiry(days: int | None) -> datetime | None:
    try:
        return None if days is None else now() + timedelta(days=days)
    except OverflowError as error:
        raise CommandError("--days is too large.") from error

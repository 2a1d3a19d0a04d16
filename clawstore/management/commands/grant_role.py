"""Grant or revoke the role of a maintainer or an official publisher."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from clawstore.roles import grant_role, revoke_role
from foundation.accounts.roles import declared_roles
from foundation.actor import Actor
from profiles.queries import user_named


class Command(BaseCommand):
    help = "Grant a role (maintainer or official) to the user with this GitHub login."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("login")
        parser.add_argument("role", choices=sorted(declared_roles()))
        parser.add_argument("--revoke", action="store_true", help="revoke the role instead")

    def handle(self, *, login: str, role: str, revoke: bool, **options: Any) -> None:
        user = user_named(login.lower())
        if user is None:
            raise CommandError(f"There is no user {login}. They have to sign in once first.")
        change = revoke_role if revoke else grant_role
        change(user, role, by=Actor(door="command"))
        verb = "is no longer" if revoke else "is now"
        self.stdout.write(f"{user.username} {verb} {role}.")

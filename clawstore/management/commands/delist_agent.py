"""Delist or relist an agent as a named maintainer."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from foundation.actor import Actor
from foundation.refusals import Refusal
from profiles.queries import user_named
from registry.agents.actions import delist_agent, relist_agent
from registry.agents.queries import find_agent
from registry.rules.identifiers import scope_and_name


class Command(BaseCommand):
    help = "Delist @scope/name with a public reason; --relist lists it again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("agent", metavar="@scope/name")
        parser.add_argument(
            "--by", required=True, metavar="LOGIN", help="login of the maintainer who decides"
        )
        parser.add_argument("--reason", default="")
        parser.add_argument("--relist", action="store_true")

    def handle(self, *, agent: str, by: str, **options: Any) -> None:
        user = user_named(by.lower())
        if user is None:
            raise CommandError(f"There is no user {by}. They have to sign in once first.")
        # With a user, because the audit log and an appeal need the maintainer who decided.
        actor = Actor(user=user, door="command")
        scope, name = scope_and_name(agent)
        try:
            target = find_agent(scope, name)
            if options["relist"]:
                is_changed = relist_agent(target, by=actor)
            else:
                is_changed = delist_agent(target, reason=options["reason"], by=actor)
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        state = "relisted" if options["relist"] else "delisted"
        self.stdout.write(f"{target.full_id} {'is' if is_changed else 'was already'} {state}.")

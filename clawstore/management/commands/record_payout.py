"""Record what the operator has paid to a publisher."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from foundation.actor import Actor
from foundation.refusals import Refusal
from wordclaw.payments.revenue.actions import record_payout
from wordclaw.policy.models import Domain


class Command(BaseCommand):
    help = "Record satoshis that were paid to a domain from the wallet. It moves no money."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("domain", help="the scope, such as @ada, or store")
        parser.add_argument("satoshis", type=int)
        parser.add_argument("--reference", default="", help="such as the payment's own hash")

    def handle(
        self, *args: Any, domain: str, satoshis: int, reference: str, **options: Any
    ) -> None:
        if not settings.EXPERIMENTAL_REVENUE:
            raise CommandError("The ledger is off: EXPERIMENTAL_REVENUE.")
        tenant = Domain.objects.filter(name=domain.lower().removeprefix("@")).first()
        if tenant is None:
            raise CommandError(f"There is no domain {domain}.")
        try:
            record_payout(tenant, satoshis, reference=reference, by=Actor(door="command"))
        except Refusal as refusal:
            balance = refusal.details["balanceSatoshis"]
            raise CommandError(f"{refusal.message} Balance: {balance} sat.") from refusal
        self.stdout.write(f"Recorded {satoshis} sat to {tenant.name}.")

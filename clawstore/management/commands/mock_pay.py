"""Pay an invoice of the mock provider, as a buyer's wallet would."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from foundation.refusals import Refusal
from wordclaw.payments.providers.mock import pay_mock_invoice


class Command(BaseCommand):
    help = "Pay an invoice of the mock provider and print its preimage. For development."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("payment_hash")

    def handle(self, *args: Any, payment_hash: str, **options: Any) -> None:
        try:
            self.stdout.write(pay_mock_invoice(payment_hash))
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal

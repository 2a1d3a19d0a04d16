"""The interface of a provider of Lightning payments."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class NewInvoice:
    """An invoice that a provider made. Its preimage stays at the provider."""

    payment_hash: str
    payment_request: str
    provider_invoice_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class InvoiceState:
    """The state of an invoice; ``paid_at`` is None if the provider does not say."""

    is_paid: bool
    is_failed: bool = False
    paid_at: datetime | None = None


class PaymentProvider(Protocol):
    """A provider; each call raises ProviderUnavailable if it does not answer."""

    name: str

    def create_invoice(
        self, amount_satoshis: int, *, memo: str, expiry_seconds: int
    ) -> NewInvoice: ...

    def look_up(self, payment_hash: str) -> InvoiceState: ...

    def check(self) -> None:
        """Raise ProviderUnavailable unless invoices can be made."""

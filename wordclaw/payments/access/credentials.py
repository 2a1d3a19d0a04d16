"""The reader of a request, with what it shows to be let in."""

from dataclasses import dataclass
from uuid import UUID

from foundation.actor import Actor
from foundation.l402.headers import L402Credential


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """The sender of a request that reads something which may have a price.

    ``network`` and the wider ``customer`` count the invoices of readers without an account.
    ``is_browser``: of several entitlements the one that ends first is taken, instead of asking
    back. ``is_head``: only the headers are wanted. ``payment_id`` is that of a page that made the
    invoice, and signed it into its own form: a browser has no token.
    """

    by: Actor
    network: str
    path: str
    l402: L402Credential | None = None
    entitlement_id: str = ""
    is_browser: bool = False
    is_head: bool = False
    customer: str = ""
    payment_id: UUID | None = None

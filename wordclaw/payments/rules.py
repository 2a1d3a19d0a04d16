"""Allowed changes of state, and the right that a payment gives."""

from datetime import datetime, timedelta

from wordclaw.payments.errors import InvalidTransition
from wordclaw.payments.models import EntitlementStatus, PaymentStatus

PAYMENT_MOVES: dict[str, frozenset[str]] = {
    PaymentStatus.PENDING: frozenset(
        {PaymentStatus.PAID, PaymentStatus.EXPIRED, PaymentStatus.FAILED}
    ),
    PaymentStatus.PAID: frozenset({PaymentStatus.CONSUMED}),
    PaymentStatus.CONSUMED: frozenset(),
    PaymentStatus.EXPIRED: frozenset(),
    PaymentStatus.FAILED: frozenset(),
}
ENTITLEMENT_MOVES: dict[str, frozenset[str]] = {
    EntitlementStatus.PENDING_PAYMENT: frozenset(
        {EntitlementStatus.ACTIVE, EntitlementStatus.EXPIRED}
    ),
    EntitlementStatus.ACTIVE: frozenset(
        {EntitlementStatus.EXHAUSTED, EntitlementStatus.EXPIRED, EntitlementStatus.REVOKED}
    ),
    # A buyer may be paid back after the last read, too.
    EntitlementStatus.EXHAUSTED: frozenset({EntitlementStatus.REVOKED}),
    EntitlementStatus.EXPIRED: frozenset(),
    EntitlementStatus.REVOKED: frozenset(),
}
TERMINAL = frozenset(
    {EntitlementStatus.EXHAUSTED, EntitlementStatus.EXPIRED, EntitlementStatus.REVOKED}
)
DESK_PERMISSIONS = (
    *("payments.view_payment", "payments.change_payment"),
    *("payments.view_agentprofile", "payments.change_agentprofile"),
)
INVOICE_SECONDS = 600
"""How long an invoice can be paid."""
GRACE = timedelta(seconds=60)
"""News of a payment that was made in time may be late by this much."""


def require_move(moves: dict[str, frozenset[str]], before: str, after: str) -> None:
    """Raise InvalidTransition unless the table allows a change of state."""
    if after not in moves[before]:
        raise InvalidTransition(before=before, after=after)


def is_in_time(expires_at: datetime, moment: datetime) -> bool:
    """Whether a payment that is reported at this moment was made in time."""
    return moment <= expires_at + GRACE

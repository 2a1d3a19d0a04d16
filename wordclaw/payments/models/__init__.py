"""Tables of offers, payments and entitlements."""

from wordclaw.payments.models.offers import LicencePolicy, LicencePolicyVersion, Offer
from wordclaw.payments.models.payments import (
    AccessEvent,
    Entitlement,
    EntitlementStatus,
    MockInvoice,
    Payment,
    PaymentStatus,
    PaymentToken,
    SettlementEvent,
)

__all__ = [
    "AccessEvent",
    "Entitlement",
    "EntitlementStatus",
    "LicencePolicy",
    "LicencePolicyVersion",
    "MockInvoice",
    "Offer",
    "Payment",
    "PaymentStatus",
    "PaymentToken",
    "SettlementEvent",
]

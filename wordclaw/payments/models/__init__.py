"""Tables of offers, payments, entitlements and the ledger."""

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
from wordclaw.payments.models.revenue import (
    AgentProfile,
    AllocationStatus,
    AllocationStatusEvent,
    PayoutBatch,
    PayoutTransfer,
    RevenueAccount,
    RevenueAllocation,
    RevenueEvent,
    RevenueKind,
)

__all__ = [
    "AccessEvent",
    "AgentProfile",
    "AllocationStatus",
    "AllocationStatusEvent",
    "Entitlement",
    "EntitlementStatus",
    "LicencePolicy",
    "LicencePolicyVersion",
    "MockInvoice",
    "Offer",
    "Payment",
    "PaymentStatus",
    "PaymentToken",
    "PayoutBatch",
    "PayoutTransfer",
    "RevenueAccount",
    "RevenueAllocation",
    "RevenueEvent",
    "RevenueKind",
    "SettlementEvent",
]

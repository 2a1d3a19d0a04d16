"""Exported tables of offers and payments, and a person's own.

The root keys of tokens stay here: they are secrets, and encrypted with the key of this instance. So
a token without an account ends with a move by export; users keep their entitlements.
"""

from foundation.export import PersonalDataPart, Table, rows_without
from wordclaw.payments.models import (
    AccessEvent,
    AgentProfile,
    AllocationStatusEvent,
    Entitlement,
    LicencePolicy,
    LicencePolicyVersion,
    Offer,
    Payment,
    PayoutBatch,
    PayoutTransfer,
    RevenueAllocation,
    RevenueEvent,
)

LICENCE_POLICIES = Table(name="licence_policies", model=LicencePolicy, order=["id"], private=True)
LICENCE_POLICY_VERSIONS = Table(
    name="licence_policy_versions", model=LicencePolicyVersion, order=["id"], private=True
)
OFFERS = Table(name="offers", model=Offer, order=["id"], private=True)
PAYMENTS = Table(name="payments", model=Payment, order=["id"], private=True)
ENTITLEMENTS = Table(name="entitlements", model=Entitlement, order=["id"], private=True)
ACCESS_EVENTS = Table(name="access_events", model=AccessEvent, order=["id"], private=True)
AGENT_PROFILES = Table(name="agent_profiles", model=AgentProfile, order=["id"], private=True)
REVENUE_EVENTS = Table(name="revenue_events", model=RevenueEvent, order=["id"], private=True)
REVENUE_ALLOCATIONS = Table(
    name="revenue_allocations", model=RevenueAllocation, order=["id"], private=True
)
ALLOCATION_STATUS_EVENTS = Table(
    name="allocation_status_events", model=AllocationStatusEvent, order=["id"], private=True
)
PAYOUT_BATCHES = Table(name="payout_batches", model=PayoutBatch, order=["id"], private=True)
PAYOUT_TRANSFERS = Table(name="payout_transfers", model=PayoutTransfer, order=["id"], private=True)

PERSONAL_DATA = (
    PersonalDataPart(
        "payments",
        lambda user_id: rows_without(
            Payment.objects.filter(user_id=user_id).order_by("created_at", "id")
        ),
    ),
    PersonalDataPart(
        "entitlements",
        lambda user_id: rows_without(
            Entitlement.objects.filter(user_id=user_id).order_by("created_at", "id")
        ),
    ),
    PersonalDataPart(
        "access_events",
        lambda user_id: rows_without(
            AccessEvent.objects.filter(entitlement__user_id=user_id).order_by("created_at", "id")
        ),
    ),
)

"""Limits of challenges: each costs an invoice at the provider."""

from foundation.limits.declarations import Limit

CHALLENGE, CUSTOMER, PURCHASE = "challenge", "challenge_customer", "purchase"
LIMITS = (
    # Exact, because all networks share the invoices that can be open at a time.
    Limit(CHALLENGE, 120, 600, "address", exact=True),
    Limit(CUSTOMER, 600, 600, "address", exact=True),
    Limit(PURCHASE, 120, 600, "user", exact=True),
)

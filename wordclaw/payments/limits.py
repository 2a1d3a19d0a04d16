"""Limits of challenges: each costs an invoice at the provider."""

from foundation.limits.declarations import Limit

CHALLENGE, PURCHASE = "challenge", "purchase"
LIMITS = (
    Limit(CHALLENGE, 120, 600, "address"),
    Limit(PURCHASE, 120, 600, "user"),
)

"""Limits of reports and appeals."""

from foundation.limits.declarations import Limit

LIMITS = (
    Limit("report", 10, 3600, "address", exact=True),
    Limit("appeal", 10, 3600, "user", exact=True),
)

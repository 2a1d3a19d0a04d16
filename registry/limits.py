"""Limits of publishing and of comparing versions."""

from foundation.limits.declarations import Budget, Limit

LIMITS = (
    Limit("publish", 20, 3600, "user", exact=True),
    # Diffs that are computed for the request; stored ones count as any read.
    Limit("compare", 20, 60, "address"),
)
BUDGETS = (
    # At most twice this share in any twenty seconds, since as much may have been saved.
    Budget("compare", 0.025, 20),
)

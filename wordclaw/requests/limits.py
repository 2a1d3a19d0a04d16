"""Limits of the runtime's API, and of its bodies."""

from foundation.limits.declarations import Limit

LIMITS = (
    # An importer writes item by item.
    Limit("content", 1200, 60, "user"),
)

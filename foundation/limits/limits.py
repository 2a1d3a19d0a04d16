"""Limits that any API or page can use."""

from foundation.limits.declarations import Limit

LIMITS = (
    Limit("read", 600, 60, "address"),
    # Pages and feeds. A search counts as several; pictures and static files do not count.
    Limit("page", 600, 60, "address"),
    Limit("write", 60, 60, "user"),
    Limit("auth", 100, 60, "address"),
)

"""Limits of reports and appeals."""

from foundation.limits.declarations import Limit

LIMITS = (
    # By address, because a report needs no account.
    Limit("report", 10, 3600, "address", exact=True),
    # By user, so that a stranger cannot use up the appeals of another.
    Limit("appeal", 10, 3600, "user", exact=True),
)

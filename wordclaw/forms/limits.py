"""Limits of submissions, each counted for one form."""

from foundation.limits.declarations import Limit

FORM = "form"
FLOOD = "form_flood"
CEILING = "form_ceiling"
LIMITS = (
    # By user where there is one. Counted in the process, so that a flood writes nothing.
    Limit(FORM, 60, 3600, "address"),
    # Of all callers without an account together: what comes after is set apart, then refused.
    Limit(FLOOD, 200, 3600, "address"),
    Limit(CEILING, 2000, 3600, "address"),
)

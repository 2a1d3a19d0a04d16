"""The limit of writing reviews and replies."""

from foundation.limits.declarations import Limit

# Per user, because many users can share the address of a company.
LIMITS = (Limit("review", 30, 3600, "user", exact=True),)

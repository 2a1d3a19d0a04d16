"""The limit of writing reviews and replies."""

from foundation.limits.declarations import Limit

LIMITS = (Limit("review", 30, 3600, "user", exact=True),)

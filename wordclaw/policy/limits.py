"""The limit of invitations."""

from foundation.limits.declarations import Limit

# Each may email a person who has never heard of the inviter.
LIMITS = (Limit("invite", 30, 3600, "user", exact=True),)

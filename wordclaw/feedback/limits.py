"""Limits of feedback without an account."""

from foundation.limits.declarations import Limit

LINK = "feedback_link"
LIMITS = (
    Limit("feedback", 30, 3600, "address"),
    # Of all callers together: a link that was made public must not fill a list of reviews.
    Limit(LINK, 60, 3600, "address", exact=True),
)

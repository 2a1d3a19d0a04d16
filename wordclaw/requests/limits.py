"""Limits of the runtime's API, and of its bodies."""

from foundation.limits.declarations import Limit
from wordclaw.requests.actions import KEPT_ANSWERS

LIMITS = (
    # An importer writes item by item.
    Limit("content", 1200, 60, "user"),
    # KiB. An answer may have the whole item, and also of a write that changes and stores nothing.
    Limit(KEPT_ANSWERS, 256 * 1024, 3600, "user"),
)

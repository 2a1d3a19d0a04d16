"""Limits of feedback without an account."""

from foundation.limits.declarations import Limit

LIMITS = (Limit("feedback", 30, 3600, "address"),)

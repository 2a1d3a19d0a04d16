"""The refusal of a caller over its limit."""

from foundation.refusals import TooMany


class RateLimited(TooMany):
    code = "rate_limited"

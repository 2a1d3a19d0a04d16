"""A limit that is used up."""

from foundation.refusals import TooMany


class RateLimited(TooMany):
    code = "rate_limited"

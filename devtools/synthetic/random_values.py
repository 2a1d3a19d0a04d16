"""Random values that depend on the seed only."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

# A constant, because the same seed must give the same bytes on every day.
TODAY = datetime(2026, 11, 1, 12, tzinfo=UTC)
MAX_AGE_DAYS = 900


class AscendingIds:
    """Generates random version 4 UUIDs in ascending order.

    An export is sorted by key, so rows that are made in this order need no sorting.
    """

    def __init__(self, rng: Random, max_count: int) -> None:
        self.rng, self.step, self.count = rng, 2**122 // (max_count + 1), 0

    def next(self) -> str:
        bits = self.count * self.step + self.rng.randrange(self.step)
        self.count += 1
        # 122 random bits around the version (4) and the variant (2).
        high, middle, low = bits >> 74, (bits >> 62) & 0xFFF, bits & (2**62 - 1)
        return str(UUID(int=high << 80 | 4 << 76 | middle << 64 | 2 << 62 | low))


def random_time_before(rng: Random, latest: datetime, days: float) -> datetime:
    """A time in the ``days`` before ``latest``, in whole milliseconds."""
    return latest - timedelta(milliseconds=rng.randrange(1, max(2, int(days * 86_400_000))))


def random_time_between(rng: Random, earliest: datetime, latest: datetime) -> datetime:
    span = int((latest - earliest) / timedelta(milliseconds=1))
    return earliest + timedelta(milliseconds=rng.randrange(max(1, span)))

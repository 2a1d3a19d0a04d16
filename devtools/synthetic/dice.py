"""Chance that can be thrown again: everything follows from the seed."""

from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

# Fixed, so that the same seed gives the same bytes on any day.
TODAY = datetime(2026, 11, 1, 12, tzinfo=UTC)
OLDEST_DAYS = 900


class Ids:
    """UUIDs of version 4 that grow: rows made in this order are in the order of their keys."""

    def __init__(self, dice: Random, at_most: int) -> None:
        self.dice, self.step, self.made = dice, 2**122 // (at_most + 1), 0

    def next(self) -> str:
        bits = self.made * self.step + self.dice.randrange(self.step)
        self.made += 1
        high, middle, low = bits >> 74, (bits >> 62) & 0xFFF, bits & (2**62 - 1)
        return str(UUID(int=high << 80 | 4 << 76 | middle << 64 | 2 << 62 | low))


def moment_before(dice: Random, latest: datetime, days: float) -> datetime:
    """Some time in the ``days`` before ``latest``, to the millisecond."""
    return latest - timedelta(milliseconds=dice.randrange(1, max(2, int(days * 86_400_000))))


def moment_between(dice: Random, earliest: datetime, latest: datetime) -> datetime:
    span = int((latest - earliest) / timedelta(milliseconds=1))
    return earliest + timedelta(milliseconds=dice.randrange(max(1, span)))

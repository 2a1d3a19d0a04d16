"""Rolling windows and release intervals."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median

WINDOW_DAYS = 30
MAX_GAPS = 100


def days_between(moments: Sequence[datetime]) -> int | None:
    """The median number of days between versions, over the last hundred gaps.

    ``moments`` are publish times, newest first. None for fewer than two.
    """
    last = moments[: MAX_GAPS + 1]
    gaps = [(later - earlier) / timedelta(days=1) for later, earlier in pairwise(last)]
    # The median, because one long pause says nothing about the usual interval.
    return round(median(gaps)) if gaps else None


def window_start(today: date, days: int = WINDOW_DAYS) -> date:
    """The first day of a window of ``days`` days that ends today."""
    # Today is one of the days.
    return today - timedelta(days=days - 1)

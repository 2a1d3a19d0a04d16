"""What the registry allows, and how versions are ordered. Answers, never acts."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from statistics import median

WINDOW_DAYS = 30


GAPS_LOOKED_AT = 100


def days_between(moments: Sequence[datetime]) -> int | None:
    """How many days apart versions usually come: the middle one of the last hundred gaps, of the
    times of their publishes, the newest first. None for fewer than two."""
    last = moments[: GAPS_LOOKED_AT + 1]
    gaps = [(later - earlier) / timedelta(days=1) for later, earlier in pairwise(last)]
    return round(median(gaps)) if gaps else None


def window_start(today: date, days: int = WINDOW_DAYS) -> date:
    """The first day of a window of so many days, of which today is the last."""
    return today - timedelta(days=days - 1)

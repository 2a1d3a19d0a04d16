"""Times in UTC with whole milliseconds, so that stored and sent times are equal."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime

from django.utils import timezone

_fixed_time: ContextVar[datetime | None] = ContextVar("fixed_time", default=None)


@contextmanager
def fixed_time(moment: datetime) -> Iterator[None]:
    """Make `now` return this time inside the block.

    For tests and the demo catalogue, which has a past. Nothing in production sets the clock.
    """
    token = _fixed_time.set(moment)
    try:
        yield
    finally:
        _fixed_time.reset(token)


def now() -> datetime:
    """Return the present time in UTC, without fractions of a millisecond."""
    moment = _fixed_time.get() or timezone.now()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def today() -> date:
    """Return the present day in UTC."""
    return now().astimezone(UTC).date()


def iso(moment: datetime) -> str:
    """Format a time as the API does: ``2026-11-21T20:10:20.000Z``."""
    # Nearly all are in UTC, and a list of a hundred agents has two hundred.
    moment = moment if moment.tzinfo is UTC else moment.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds")[: -len("+00:00")] + "Z"


def iso_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)

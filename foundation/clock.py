"""Times in UTC with whole milliseconds, so that stored and sent times are equal."""

from datetime import UTC, date, datetime

from django.utils import timezone


def now() -> datetime:
    """Return the present time in UTC, without fractions of a millisecond."""
    moment = timezone.now()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def today() -> date:
    """Return the present day in UTC."""
    return now().astimezone(UTC).date()


def iso(moment: datetime) -> str:
    """Format a time as the API does: ``2026-11-21T20:10:20.000Z``."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)

"""Time as the shop tells it: UTC, to the millisecond, so that what is stored is what is sent."""

from datetime import UTC, date, datetime

from django.utils import timezone


def now() -> datetime:
    """The present moment in UTC, cut to whole milliseconds."""
    moment = timezone.now()
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def today() -> date:
    """The present day in UTC."""
    return now().astimezone(UTC).date()


def iso(moment: datetime) -> str:
    """``2026-11-21T20:10:20.000Z``: the one form in which times leave the shop."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def iso_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else iso(moment)

"""Times at which jobs are enqueued, in UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class RecurringJob:
    """A job that runs once a day, once an hour, or once a minute.

    ``hour`` is None for an hourly job, and ``minute``, too, for one of each minute.
    """

    kind: str
    minute: int | None = None
    hour: int | None = None

    def next_after(self, moment: datetime) -> datetime:
        """Return the first time of the schedule that is later than ``moment``."""
        # Summer time would run a daily job twice or not at all.
        moment = moment.astimezone(UTC)
        if self.minute is None:
            return moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        time = moment.replace(minute=self.minute, second=0, microsecond=0)
        if self.hour is None:
            return time if time > moment else time + timedelta(hours=1)
        time = time.replace(hour=self.hour)
        return time if time > moment else time + timedelta(days=1)


def minutely(kind: str) -> RecurringJob:
    return RecurringJob(kind)


def hourly(kind: str, *, minute: int) -> RecurringJob:
    return RecurringJob(kind, minute)


def daily(kind: str, *, hour: int, minute: int) -> RecurringJob:
    return RecurringJob(kind, minute, hour)

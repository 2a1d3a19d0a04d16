"""Times at which jobs are enqueued, in UTC."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class RecurringJob:
    """A job that runs once an hour, or once a day if ``hour`` is set."""

    kind: str
    minute: int
    hour: int | None = None

    def next_after(self, moment: datetime) -> datetime:
        """Return the first time of the schedule that is later than ``moment``."""
        # Summer time would run a daily job twice or not at all.
        moment = moment.astimezone(UTC)
        time = moment.replace(minute=self.minute, second=0, microsecond=0)
        if self.hour is None:
            return time if time > moment else time + timedelta(hours=1)
        time = time.replace(hour=self.hour)
        return time if time > moment else time + timedelta(days=1)


def hourly(kind: str, *, minute: int) -> RecurringJob:
    return RecurringJob(kind, minute)


def daily(kind: str, *, hour: int, minute: int) -> RecurringJob:
    return RecurringJob(kind, minute, hour)

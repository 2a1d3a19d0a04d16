"""The days of the demo catalogue, moved to the days before it is loaded."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from foundation.clock import now, today

HEADING = re.compile(r"^(## (?P<number>\S+) - )(?P<day>\d{4}-\d\d-\d\d)$", re.MULTILINE)
# Events happen between these hours (UTC).
FIRST_SECOND, LAST_SECOND = 6 * 3600, 21 * 3600
# An event of today has happened before it is loaded.
MARGIN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Moves the days that are written in the catalogue by ``shift``."""

    shift: timedelta

    @classmethod
    def ending_today(cls, written_on: str) -> "Calendar":
        """The calendar in which the day of writing is today."""
        return cls(today() - date.fromisoformat(written_on))

    def day(self, text: str) -> date:
        return date.fromisoformat(text) + self.shift

    def moment(self, text: str, event: str) -> datetime:
        """A time on the day, the same for the same event, and never in the future."""
        number = int.from_bytes(sha256(event.encode()).digest()[:4])
        second = FIRST_SECOND + number % (LAST_SECOND - FIRST_SECOND)
        moment = datetime.combine(self.day(text), time(), UTC) + timedelta(seconds=second)
        return min(moment, now() - MARGIN)

    def move_days(self, changelog: bytes) -> bytes:
        """The change log with the days on which its versions appear here."""

        def moved(heading: re.Match[str]) -> str:
            return f"{heading[1]}{self.day(heading['day'])}"

        return HEADING.sub(moved, changelog.decode()).encode()


def written_day(changelog: bytes, number: str) -> str:
    """The day of a version in its change log."""
    for heading in HEADING.finditer(changelog.decode()):
        if heading["number"] == number:
            return heading["day"]
    raise LookupError(f"The change log has no day for {number}.")

"""Whether the database is away, so that no thread waits for it twice."""

from time import monotonic

from django.db import InterfaceError, OperationalError, connection

from foundation.refusals import Unavailable

# Seconds after which a client should ask again.
RETRY_AFTER = 5
# Seconds in which nothing asks a database that did not answer.
PAUSE = 3.0
# What SQLite says of a file that is locked or cannot be read; other messages are faults of ours.
SQLITE_ABSENCES = ("database is locked", "unable to open database file", "disk I/O error")

_away_until = 0.0


class DatabaseAway(Unavailable):
    code = "database_away"
    message = "The database does not answer at the moment. Try again in a few seconds."


def database_absence(error: BaseException) -> DatabaseAway | None:
    """The refusal for an error of a database that is away, else None."""
    global _away_until
    if isinstance(error, DatabaseAway):
        return error
    if not isinstance(error, InterfaceError | OperationalError):
        return None
    if connection.vendor == "sqlite":
        if not any(words in str(error) for words in SQLITE_ABSENCES):
            return None
    else:
        _away_until = monotonic() + PAUSE
    return DatabaseAway(retry_after=RETRY_AFTER)


def is_database_away() -> bool:
    """Whether the database did not answer a moment ago."""
    return monotonic() < _away_until


def refuse_without_database() -> None:
    """Raises DatabaseAway if the database did not answer a moment ago."""
    if is_database_away():
        raise DatabaseAway(retry_after=RETRY_AFTER)

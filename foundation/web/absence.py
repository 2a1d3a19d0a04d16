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

# States of PostgreSQL (SQLSTATE) with which it ends connections or accepts none: of class 08, an
# administrator stops it, it crashed, it starts, it has no connection left.
ABSENT_STATES = ("08", "57P01", "57P02", "57P03", "57P05", "53300")

_away_until = 0.0


class DatabaseBusy(Unavailable):
    """Two transactions waited for each other, or a query was cancelled."""

    code = "database_busy"
    message = "Another request changed the same rows. Nothing was stored. Try again in a moment."


class DatabaseAway(Unavailable):
    code = "database_away"
    message = "The database does not answer at the moment. Try again in a few seconds."


def database_absence(error: BaseException) -> Unavailable | None:
    """The refusal for an error of a database that is away or busy, else None."""
    global _away_until
    if isinstance(error, DatabaseAway | DatabaseBusy):
        return error
    if not isinstance(error, InterfaceError | OperationalError):
        return None
    if connection.vendor == "sqlite":
        if not any(words in str(error) for words in SQLITE_ABSENCES):
            return None
    elif _is_answer(error):
        # The server is there: a client must not make it count as away for all others.
        return DatabaseBusy(retry_after=1)
    else:
        _away_until = monotonic() + PAUSE
    return DatabaseAway(retry_after=RETRY_AFTER)


def _is_answer(error: BaseException) -> bool:
    """Whether PostgreSQL refused one query and goes on, as after a deadlock."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state is not None and not state.startswith(ABSENT_STATES)


def is_database_away() -> bool:
    """Whether the database did not answer a moment ago."""
    return monotonic() < _away_until


def refuse_without_database() -> None:
    """Raises DatabaseAway if the database did not answer a moment ago."""
    if is_database_away():
        raise DatabaseAway(retry_after=RETRY_AFTER)

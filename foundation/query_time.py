"""A time limit for queries that no index helps."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from django.db import OperationalError, connections, transaction

from foundation.refusals import Unavailable

# PostgreSQL's `query_canceled` (SQLSTATE).
CANCELED = "57014"
SQLITE_INTERRUPTED = "interrupted"
# Steps of SQLite's machine between two looks at the clock. A row takes some, however long it is.
STEPS = 100


class QueryTooLong(Unavailable):
    """``details["seconds"]`` is the limit."""

    code = "query_too_long"
    message = "This list has too much text to look through in time. Use fewer filters or another."
    remediation = "Leave out q, filters and sort, or mark the field with x-wordclaw-indexed."


@contextmanager
def limited_queries(seconds: float, *, using: str) -> Iterator[None]:
    """End each query of the block after ``seconds``. Raises QueryTooLong.

    ``using`` is the alias of the database.
    """
    try:
        if connections[using].vendor == "postgresql":
            with transaction.atomic(using=using), connections[using].cursor() as cursor:
                # Of this transaction alone: the connection goes back to the pool.
                cursor.execute(
                    "SELECT set_config('statement_timeout', %s, true)", [f"{seconds * 1000:.0f}"]
                )
                yield
        else:
            with _interrupted(seconds, using):
                yield
    except OperationalError as error:
        if not _is_too_long(error):
            raise
        raise QueryTooLong(seconds=seconds, retry_after=60) from error


@contextmanager
def _interrupted(seconds: float, using: str) -> Iterator[None]:
    database = connections[using]
    database.ensure_connection()
    deadline = monotonic() + seconds
    database.connection.set_progress_handler(lambda: monotonic() > deadline, STEPS)
    try:
        yield
    finally:
        database.connection.set_progress_handler(None, 0)


def _is_too_long(error: OperationalError) -> bool:
    return getattr(error.__cause__, "sqlstate", "") == CANCELED or str(error) == SQLITE_INTERRUPTED

"""Reading a shop that is open: all rows as they were at one moment, and nobody waits meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from psycopg import IsolationLevel


@contextmanager
def one_moment() -> Iterator[None]:
    """Everything that is read inside is of the same moment."""
    if connection.in_atomic_block:
        yield  # Somebody else's transaction: its moment is theirs to choose.
        return
    connection.ensure_connection()
    with _reading(connection), transaction.atomic():
        yield


@contextmanager
def _reading(open_connection: Any) -> Iterator[None]:
    if open_connection.vendor == "postgresql":
        session = open_connection.connection
        kept, session.isolation_level = session.isolation_level, IsolationLevel.REPEATABLE_READ
        try:
            yield
        finally:
            session.isolation_level = kept
    else:
        # A deferred transaction that only reads takes no lock that a writer would wait for.
        kept, open_connection.transaction_mode = open_connection.transaction_mode, "DEFERRED"
        try:
            yield
        finally:
            open_connection.transaction_mode = kept

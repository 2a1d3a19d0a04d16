"""Consistent reads of a running database, without blocking writers."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from psycopg import IsolationLevel


@contextmanager
def consistent_snapshot() -> Iterator[None]:
    """All reads within the block see the database at one moment."""
    if connection.in_atomic_block:
        yield  # The caller's transaction determines the snapshot.
        return
    connection.ensure_connection()
    with _reading(connection), transaction.atomic():
        yield


@contextmanager
def _reading(open_connection: Any) -> Iterator[None]:
    if open_connection.vendor == "postgresql":
        session = open_connection.connection
        # PostgreSQL's usual level sees a new moment in each query.
        level, session.isolation_level = session.isolation_level, IsolationLevel.REPEATABLE_READ
        try:
            yield
        finally:
            # The connection goes back into the pool, to users who need the usual level.
            session.isolation_level = level
    else:
        # A deferred transaction that only reads takes no lock that blocks a writer.
        mode, open_connection.transaction_mode = open_connection.transaction_mode, "DEFERRED"
        try:
            yield
        finally:
            open_connection.transaction_mode = mode

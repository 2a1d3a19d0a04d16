"""Background work on the database itself."""

from django.db import connection

from foundation.jobs.models import Job
from foundation.jobs.registry import job

ROWS_OF_AN_INDEX = 1_000
"""Rows that are read to know how selective an index is."""


@job("database.optimize")
def optimize_database(_job: Job) -> bool:
    """Renew the statistics that SQLite chooses indexes by; False on PostgreSQL.

    Without them, SQLite guesses which index serves a query best. PostgreSQL renews its own.
    """
    if connection.vendor != "sqlite":
        return False
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit={ROWS_OF_AN_INDEX}")
        # `PRAGMA optimize` passes over tables that this connection has not read.
        cursor.execute("ANALYZE")
    return True

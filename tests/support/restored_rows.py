"""Empties the tables after a test that committed, and restores migrated rows.

Django truncates all tables and saves the rows one by one, with two statements each. That takes
longer than most of these tests.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from io import StringIO

import pytest
from django.core import serializers
from django.core.serializers.base import DeserializedObject
from django.db import connection, transaction
from django.db.backends.base.creation import BaseDatabaseCreation
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.models import Model, QuerySet


@contextmanager
def restoring_in_bulk() -> Iterator[None]:
    """Replace the methods that empty and restore a database of tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseCreation, "deserialize_db_from_string", restore_rows)
        if connection.vendor == "postgresql":
            patch.setattr(type(connection.ops), "sql_flush", delete_rows)
        yield


def delete_rows(
    operations: BaseDatabaseOperations,
    _style: object,
    tables: Sequence[str],
    **_options: object,
) -> list[str]:
    """Return the statements that empty the tables that have rows."""
    names = [operations.quote_name(table) for table in tables]
    questions = [f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names]
    with operations.connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(questions))
        filled_tables = [row[0] for row in cursor.fetchall()]
    if not filled_tables:
        return []
    return [
        # A thread that the test began may still write. It is the one that a deadlock ends.
        "SET deadlock_timeout = '30s'",
        f"LOCK TABLE {', '.join(filled_tables)} IN ACCESS EXCLUSIVE MODE",
        # Without the triggers that keep rows of some tables.
        "SET session_replication_role = replica",
        *(f"DELETE FROM {name}" for name in filled_tables),
        "SET session_replication_role = DEFAULT",
        "RESET deadlock_timeout",
    ]


def restore_rows(creation: BaseDatabaseCreation, data: str) -> None:
    """Insert the serialised rows that are not there."""
    database = creation.connection
    entries = _read_entries(data)
    rows: dict[type[Model], list[Model]] = defaultdict(list)
    for entry in entries:
        rows[type(entry.object)].append(entry.object)
    with transaction.atomic(using=database.alias):
        with database.constraint_checks_disabled():
            for model, instances in rows.items():
                # Before the first test the rows of the migrations are still there.
                query: QuerySet[Model] = QuerySet(model=model, using=database.alias)
                query.bulk_create(instances, ignore_conflicts=True)
            for entry in entries:
                for name, related_ids in (entry.m2m_data or {}).items():
                    getattr(entry.object, name).set(related_ids)
        database.check_constraints()


@lru_cache(maxsize=2)
def _read_entries(data: str) -> list[DeserializedObject]:
    return list(serializers.deserialize("json", StringIO(data)))

"""Restores the rows of migrations after a test that committed, many at a time.

Django saves them one by one, with two statements each. That takes longer than most of these tests.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from io import StringIO

import pytest
from django.core import serializers
from django.core.serializers.base import DeserializedObject
from django.db import transaction
from django.db.backends.base.creation import BaseDatabaseCreation
from django.db.models import Model, QuerySet


@contextmanager
def restoring_in_bulk() -> Iterator[None]:
    """Replace the method that restores rows in a database of tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseCreation, "deserialize_db_from_string", restore_rows)
        yield


def restore_rows(creation: BaseDatabaseCreation, data: str) -> None:
    """Insert the serialised rows that are not there."""
    connection = creation.connection
    entries = _read_entries(data)
    rows: dict[type[Model], list[Model]] = defaultdict(list)
    for entry in entries:
        rows[type(entry.object)].append(entry.object)
    with transaction.atomic(using=connection.alias):
        with connection.constraint_checks_disabled():
            for model, instances in rows.items():
                # Before the first test the rows of the migrations are still there.
                query: QuerySet[Model] = QuerySet(model=model, using=connection.alias)
                query.bulk_create(instances, ignore_conflicts=True)
            for entry in entries:
                for name, related_ids in (entry.m2m_data or {}).items():
                    getattr(entry.object, name).set(related_ids)
        connection.check_constraints()


@lru_cache(maxsize=2)
def _read_entries(data: str) -> list[DeserializedObject]:
    return list(serializers.deserialize("json", StringIO(data)))

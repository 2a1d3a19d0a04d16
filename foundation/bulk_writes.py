"""Inserts and updates of many rows without a model instance for each.

`bulk_create` takes ten times as long as SQLite takes to insert, most of it for instances and for
SQL that is compiled anew for each batch.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast
from uuid import UUID

from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Model
from django.db.models.constants import OnConflict
from django.db.models.sql import InsertQuery, UpdateQuery

from foundation.compiled_query import Parameter

# Both databases take the values of these fields as they are.
_PLAIN = (
    models.CharField,
    models.TextField,
    models.IntegerField,
    models.FloatField,
    models.BooleanField,
    models.BinaryField,
)


class BulkInsert:
    """Inserts rows of a model: tuples of values in the order of ``columns``.

    ``columns`` are names of fields or of their columns. Fields that are not named get their default
    from the database, or else the one of the field. ``replace`` names the columns that a row
    replaces in a present row with the same ``unique`` columns. No instance is made, so neither
    ``save`` nor ``pre_save`` is called: times are stored as given.
    """

    def __init__(
        self,
        model: type[Model],
        columns: Sequence[str],
        *,
        replace: Sequence[str] = (),
        unique: Sequence[str] = (),
    ) -> None:
        by_name = {name: f for f in model._meta.concrete_fields for name in (f.attname, f.column)}
        by_name |= {field.name: field for field in model._meta.concrete_fields}
        self._fields = [by_name[column] for column in columns]
        defaults = [
            field
            for field in model._meta.concrete_fields
            if field not in self._fields and _needs_default(field)
        ]
        self._constants = tuple(field.get_default() for field in defaults)
        self._fields += defaults
        self._model = model
        self._conflict = {
            "on_conflict": OnConflict.UPDATE if replace else None,
            "update_fields": [by_name[name] for name in replace],
            "unique_fields": [by_name[name] for name in unique],
        }

    def insert(self, rows: Iterable[Sequence[Any]]) -> None:
        """Insert the rows in one call of the driver."""
        rows = [(*row, *self._constants) for row in rows]
        if not rows:
            return
        database = connections[router.db_for_write(self._model)]
        converters = [
            (place, convert)
            for place, field in enumerate(self._fields)
            if (convert := _converter(field, database)) is not None
        ]
        values = [list(row) for row in rows]
        for row in values:
            for place, convert in converters:
                row[place] = convert(row[place])
        with database.cursor() as cursor:
            cursor.executemany(self._sql(rows[0], database), values)

    def _sql(self, row: Sequence[Any], database: BaseDatabaseWrapper) -> str:
        query = InsertQuery(self._model, **self._conflict)
        attributes = zip(self._fields, row, strict=True)
        instance = self._model(**{field.attname: value for field, value in attributes})
        query.insert_values(self._fields, [instance])
        return str(query.get_compiler(connection=database).as_sql()[0][0])


def _needs_default(field: "Field[Any, Any]") -> bool:
    has_own = field.has_db_default() or field.generated or isinstance(field, models.AutoField)
    return not has_own and (field.has_default() or not field.null)


def _converter(
    field: "Field[Any, Any]", database: BaseDatabaseWrapper
) -> Callable[[Any], Any] | None:
    target = field
    while isinstance(target, models.ForeignKey):
        target = target.target_field
    if isinstance(target, _PLAIN):
        return None
    convert = partial(target.get_db_prep_save, connection=database)
    if database.vendor != "sqlite":
        return convert
    # Most values of an import are of these two types, and Django's way takes four times as long.
    if isinstance(target, models.UUIDField):
        return lambda value: value.hex if isinstance(value, UUID) else convert(value)
    if isinstance(target, models.DateTimeField):
        return lambda value: _utc_text(value) if isinstance(value, datetime) else convert(value)
    return convert


def _utc_text(moment: datetime) -> str:
    """A time as Django stores it in SQLite."""
    return str(moment.astimezone(UTC).replace(tzinfo=None))


class BulkUpdate:
    """Updates rows by their key: tuples of it and of the values of ``columns``.

    ``bulk_update`` writes one statement with a case for each row, which takes three times as long.
    """

    def __init__(self, model: type[Model], columns: Sequence[str]) -> None:
        self._model = model
        by_name = {field.name: field for field in model._meta.concrete_fields}
        self._fields = [by_name[column] for column in columns]
        self._key = model._meta.pk
        rows = model._default_manager.filter(pk=Parameter("pk", self._key))
        self._query = cast(UpdateQuery, rows.query.chain(UpdateQuery))
        self._query.add_update_fields(
            # The stubs know no other expressions than Case.
            [(field, None, Parameter(field.name, field)) for field in self._fields]  # type: ignore[misc]
        )

    def update(self, rows: Iterable[Sequence[Any]]) -> None:
        database = connections[router.db_for_write(self._model)]
        sql, _ = self._query.get_compiler(connection=database).as_sql()
        # The key comes first in the rows, and last in the statement.
        convert = [
            _converter(field, database) or _unchanged for field in (*self._fields, self._key)
        ]
        values = [
            [function(value) for function, value in zip(convert, (*row, key), strict=True)]
            for key, *row in rows
        ]
        with database.cursor() as cursor:
            cursor.executemany(sql, values)


def _unchanged(value: Any) -> Any:
    return value

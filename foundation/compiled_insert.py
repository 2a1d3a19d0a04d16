"""Compiled inserts: keep the statement that adds one row of a model.

`Model.save` prepares and compiles its statement each time, which takes longer than the database
takes to add a row. Only for rows that many requests add: see ADR 15.
"""

from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connections, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import AutoField, Field, Model

from foundation.compiled_query import open_cursor

ModelT = TypeVar("ModelT", bound=Model)


class CompiledInsert(Generic[ModelT]):
    """The statement that adds one row.

    A key that the database makes is not read back. Neither signals are sent nor a ``save`` of the
    model is called. A unique column that is taken raises IntegrityError as `Model.save` does.
    """

    def __init__(self, model: type[ModelT]) -> None:
        self._model = model

    def add(self, row: ModelT) -> ModelT:
        """Add a row that is not stored yet; return it."""
        database = router.db_for_write(self._model, instance=row)
        connection = connections[database]
        values = [_value(field, row, connection) for field in self._fields]
        with open_cursor(connection, is_prepared=True) as cursor:
            cursor.execute(self._sql, values)
        row._state.adding, row._state.db = False, database
        return row

    @cached_property
    def _fields(self) -> list["Field[Any, Any]"]:
        fields = self._model._meta.local_concrete_fields
        return [field for field in fields if not isinstance(field, AutoField)]

    @cached_property
    def _sql(self) -> str:
        # Both databases quote names in the same way.
        columns = ", ".join(f'"{field.column}"' for field in self._fields)
        places = ", ".join(["%s"] * len(self._fields))
        table = self._model._meta.db_table
        return f'INSERT INTO "{table}" ({columns}) VALUES ({places})'  # noqa: S608 - own names


def _value(field: "Field[Any, Any]", row: Model, connection: BaseDatabaseWrapper) -> Any:
    return field.get_db_prep_save(field.pre_save(row, add=True), connection)

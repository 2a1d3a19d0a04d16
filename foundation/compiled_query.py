"""Compiled queries: keep the SQL of a queryset and run it with new parameters.

Django compiles a queryset each time it runs, which takes longer than SQLite takes to answer a
query that an index serves. Only for the few queries where that was measured to pay: see ADR 15.
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = dict[str, Any]


class Parameter(Expression):
    """A value that is given when the query runs.

    ``filter(name=Parameter("name", CharField()))``, and then ``rows(name="coach")``.
    """

    def __init__(self, name: str, field: "Field[Any, Any]", number: int | None = None) -> None:
        super().__init__(output_field=field)
        self.placeholder = _Placeholder(name, field, number)

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list["_Placeholder"]]:
        return "%s", [self.placeholder]


def list_parameter(name: str, field: "Field[Any, Any]", count: int) -> list[Any]:
    """A parameter of ``count`` values, neither more nor fewer.

    ``filter(pk__in=list_parameter("ids", UUIDField(), 2))``, and then ``rows(ids=[a, b])``.
    """
    return [Parameter(name, field, number) for number in range(count)]


@dataclass(frozen=True, slots=True)
class _Placeholder:
    """Where a parameter's value goes in the SQL; ``number`` is its place in a list."""

    name: str
    field: "Field[Any, Any]"
    number: int | None

    def value(self, parameters: Row, connection: BaseDatabaseWrapper) -> Any:
        value = parameters[self.name]
        value = value if self.number is None else value[self.number]
        return self.field.get_db_prep_value(value, connection)


class CompiledQuery:
    """A compiled ``QuerySet.values(…)``: thread-safe, keeps its SQL, never a result."""

    def __init__(self, queryset: "QuerySet[Any, Any]") -> None:
        self._query, self._queryset = queryset.query, queryset
        self._names = tuple(queryset.query.selected or ())
        # Converters belong to the connection, and each thread has its own.
        self._local = threading.local()
        compiler = self._compiler()
        try:
            sql, arguments = compiler.as_sql()
        except EmptyResultSet:
            # The filter matches nothing, so there is nothing to ask the database.
            sql, arguments = "", ()
        self._sql, self._arguments = sql, cast(Sequence[Any], arguments)
        self._columns = [column[0] for column in compiler.select or ()]

    def rows(self, **parameters: Any) -> list[Row]:
        """Run the query: each row as a dict by column."""
        return [dict(zip(self._names, row, strict=True)) for row in self.tuples(**parameters)]

    def tuples(self, **parameters: Any) -> list[tuple[Any, ...]]:
        """Run the query: each row as a tuple, in the order of the columns."""
        if not self._sql:
            return []
        connection = connections[self._queryset.db]
        arguments = [
            argument.value(parameters, connection)
            if isinstance(argument, _Placeholder)
            else argument
            for argument in self._arguments
        ]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, arguments)
            rows: Iterable[Any] = cursor.fetchall()
        return [tuple(row) for row in self._convert(rows)]

    def _convert(self, rows: Iterable[Any]) -> Iterable[Any]:
        if not hasattr(self._local, "compiler"):
            self._local.compiler = self._compiler()
            self._local.converters = self._local.compiler.get_converters(self._columns)
        if not self._local.converters:
            return rows
        converted = self._local.compiler.apply_converters(rows, self._local.converters)
        return cast(Iterable[Any], converted)

    def _compiler(self) -> SQLCompiler:
        return cast(SQLCompiler, self._query.get_compiler(self._queryset.db))

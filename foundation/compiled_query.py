"""Compiled queries: keep the SQL of a queryset and run it with new parameters.

Django compiles a queryset each time it runs, which takes longer than SQLite takes to answer a
query that an index serves. Only for the few queries where that was measured to pay: see ADR 15.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = dict[str, Any]
Convert = Callable[[Any], Any]


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


def fast_converter(
    connection: BaseDatabaseWrapper, functions: Sequence[Callable[..., Any]]
) -> Convert | None:
    """A function that equals Django's for one column, or None.

    Most converted values of SQLite are ids and times, and Django's functions take four times as
    long.
    """
    if connection.vendor != "sqlite" or len(functions) != 1:
        return None
    operations: Any = connection.ops
    if functions[0] == operations.convert_uuidfield_value:
        return _read_uuid
    is_utc = connection.timezone_name == "UTC"
    if functions[0] == operations.convert_datetimefield_value and is_utc:
        return _read_time
    return None


def _read_uuid(value: str | None) -> UUID | None:
    return None if value is None else UUID(int=int(value, 16))


def _read_time(value: datetime | str | None) -> datetime | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _chain(
    connection: BaseDatabaseWrapper, functions: Sequence[Callable[..., Any]], column: Any
) -> Convert:
    def convert(value: Any) -> Any:
        for function in functions:
            value = function(value, column, connection)
        return value

    return convert


def open_cursor(connection: BaseDatabaseWrapper, *, is_prepared: bool) -> Any:
    """Return a cursor; a prepared one sends PostgreSQL parameters apart from the SQL.

    psycopg prepares what it sends often in that way (``prepare_threshold``).
    """
    if not is_prepared or connection.vendor != "postgresql":
        return connection.cursor()
    # SQLite needs no driver of PostgreSQL.
    from django.db.backends.postgresql.base import ServerBindingCursor  # noqa: PLC0415

    connection.ensure_connection()
    raw_connection: Any = connection.connection
    # Django chooses the class for a connection, and its other queries must not change. A
    # connection belongs to one thread.
    factory = raw_connection.cursor_factory
    raw_connection.cursor_factory = ServerBindingCursor
    try:
        return connection.cursor()
    finally:
        raw_connection.cursor_factory = factory


class CompiledQuery:
    """A compiled ``QuerySet.values(…)``: thread-safe, keeps its SQL, never a result.

    With ``is_prepared`` PostgreSQL parses and plans it once for each connection: for a query whose
    best plan does not depend on its parameters, such as one row by a unique column.
    """

    def __init__(self, queryset: "QuerySet[Any, Any]", *, is_prepared: bool = False) -> None:
        self._query, self._queryset = queryset.query, queryset
        self._is_prepared = is_prepared
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
        with open_cursor(connection, is_prepared=self._is_prepared) as cursor:
            cursor.execute(self._sql, arguments)
            rows: list[Any] = cursor.fetchall()
        return self._convert(rows)

    def _convert(self, rows: list[Any]) -> list[tuple[Any, ...]]:
        if not hasattr(self._local, "converters"):
            self._local.converters = self._list_converters()
        converters: list[tuple[int, Convert]] = self._local.converters
        if not converters:
            return [tuple(row) for row in rows]
        converted_rows = []
        for row in rows:
            values = list(row)
            for place, convert in converters:
                values[place] = convert(values[place])
            converted_rows.append(tuple(values))
        return converted_rows

    def _list_converters(self) -> list[tuple[int, Convert]]:
        """The place of each column to convert, and a function that does it."""
        compiler = self._compiler()
        connection = compiler.connection
        return [
            (place, fast_converter(connection, functions) or _chain(connection, functions, column))
            for place, (functions, column) in compiler.get_converters(self._columns).items()
        ]

    def _compiler(self) -> SQLCompiler:
        return cast(SQLCompiler, self._query.get_compiler(self._queryset.db))

"""Queries that are put together once and asked again and again.

The framework turns a query into SQL anew whenever it is asked, which takes it longer than SQLite
takes to answer one that an index serves: a third of a whole request for a list. See ADR 15.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = dict[str, Any]


class Parameter(Expression):
    """A value that is said when the query is asked: ``filter(name=Parameter("name", CharField()))``
    and then ``rows(name="coach")``; for several see `any_of`."""

    def __init__(self, name: str, field: "Field[Any, Any]", number: int | None = None) -> None:
        super().__init__(output_field=field)
        self.place = _Place(name, field, number)

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list["_Place"]]:
        return "%s", [self.place]


def any_of(name: str, field: "Field[Any, Any]", count: int) -> list[Any]:
    """``filter(pk__in=any_of("ids", UUIDField(), 2))`` and then ``rows(ids=[one, other])``: as many
    as were prepared for."""
    return [Parameter(name, field, number) for number in range(count)]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a parameter's value goes; with a ``number``, that one of its values."""

    name: str
    field: "Field[Any, Any]"
    number: int | None


class Prepared:
    """``QuerySet.values(…)`` as it was said, without what it takes to say it. Every thread may ask;
    nothing that was read is kept."""

    def __init__(self, rows: "QuerySet[Any, Any]") -> None:
        self._query, self._database = rows.query, rows.db
        self._names = tuple(rows.query.selected or ())
        # What turns a value of the database into one of ours belongs to a thread's connection.
        self._own = threading.local()
        compiler = self._compiler()
        try:
            self._said = compiler.as_sql()
        except EmptyResultSet:
            # It asks for what cannot be, so nobody need be asked.
            self._said = ("", ())
            return
        self._columns = [column[0] for column in compiler.select]

    def rows(self, **parameters: Any) -> list[Row]:
        """What there is now, each row by column."""
        return [dict(zip(self._names, row, strict=True)) for row in self.tuples(**parameters)]

    def tuples(self, **parameters: Any) -> list[tuple[Any, ...]]:
        """The same, each row in the order of the columns."""
        sql, said = self._said
        if not sql:
            return []
        connection = connections[self._database]
        values = [_value(one, parameters, connection) for one in said]
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            found: Iterable[Any] = cursor.fetchall()
        return [tuple(row) for row in self._converted(found)]

    def _converted(self, found: Iterable[Any]) -> Iterable[Any]:
        if not hasattr(self._own, "compiler"):
            self._own.compiler = self._compiler()
            self._own.converters = self._own.compiler.get_converters(self._columns)
        if not self._own.converters:
            return found
        return cast(Iterable[Any], self._own.compiler.apply_converters(found, self._own.converters))

    def _compiler(self) -> SQLCompiler:
        return cast(SQLCompiler, self._query.get_compiler(self._database))


def _value(said: Any, parameters: Row, connection: BaseDatabaseWrapper) -> Any:
    if not isinstance(said, _Place):
        return said
    value = parameters[said.name]
    value = value if said.number is None else value[said.number]
    return said.field.get_db_prep_value(value, connection)

"""Queries that are put together once and asked again and again.

The framework turns a query into SQL anew whenever it is asked, which takes it longer than SQLite
takes to answer one that an index serves: a third of a whole request for a list. See ADR 15.
"""

from collections.abc import Iterable
from typing import Any, cast

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = dict[str, Any]


class Prepared:
    """``QuerySet.values(…)`` as it was said, without what it takes to say it. Every thread may ask;
    nothing that was read is kept."""

    def __init__(self, rows: "QuerySet[Any, Any]") -> None:
        self._query, self._database = rows.query, rows.db
        self._names = list(rows.query.selected or ())
        compiler = self._compiler()
        try:
            self._said = compiler.as_sql()
        except EmptyResultSet:
            # It asks for what cannot be, so nobody need be asked.
            self._said = ("", ())
            return
        self._converters = compiler.get_converters([column[0] for column in compiler.select])

    def rows(self) -> list[Row]:
        """What there is now."""
        sql, parameters = self._said
        if not sql:
            return []
        with connections[self._database].cursor() as cursor:
            cursor.execute(sql, parameters)
            found: Iterable[Any] = cursor.fetchall()
        if self._converters:
            found = self._compiler().apply_converters(found, self._converters)
        return [dict(zip(self._names, row, strict=True)) for row in found]

    def _compiler(self) -> SQLCompiler:
        """One of this thread's connection."""
        return cast(SQLCompiler, self._query.get_compiler(self._database))

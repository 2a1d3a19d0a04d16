"""Loads the lines of a table into the database, in batches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import DatabaseError, models, transaction
from django.db.models import NOT_PROVIDED, Exists, Field, Model, OuterRef, QuerySet

from clawstore.transfer.columns import columns_of, reader_of
from clawstore.transfer.errors import CatalogueRefused
from clawstore.transfer.lines import read_lines
from foundation.batches import in_batches
from foundation.bulk_writes import BulkInsert
from foundation.export import Row, Table

Numbered = tuple[int, Row]


class RowReader:
    """Converts the lines of a table into checked rows.

    ``absent`` collects the columns that a line does not have, as ``table.column``.
    """

    def __init__(self, table: Table, path: Path, absent: set[str]) -> None:
        self.table, self.path, self.absent = table, path, absent
        self.fields = columns_of(table)
        self.readers = {column: reader_of(field) for column, field in self.fields.items()}
        # The column of each key; None for one of earlier exports, which is left out.
        self.columns: dict[str, str | None] = {column: column for column in self.fields}
        self.columns |= table.aliases
        self.columns |= dict.fromkeys(table.former_columns)

    def rows(self) -> Iterator[Numbered]:
        for number, line in read_lines(self.path):
            try:
                yield number, self._read(line)
            except ValueError as error:
                raise CatalogueRefused.at(self.path.name, number, str(error)) from None

    def _read(self, line: Row) -> Row:
        row: Row = {}
        for key, value in line.items():
            if key not in self.columns:
                # Not ignored: a misspelled column would otherwise lose its values in silence.
                raise ValueError(f"{key} is not a column of {self.table.name}")
            column = self.columns[key]
            if column is not None:
                row[column] = self._value(column, value)
        if len(row) < len(self.fields):
            for column in self.fields.keys() - row.keys():
                self.absent.add(f"{self.table.name}.{column}")
                row[column] = self._stand_in(column, row)
        if problem := self.table.problem(row):
            raise ValueError(problem)
        return row

    def _value(self, column: str, value: Any) -> Any:
        if value is None:
            return self._null(self.fields[column])
        try:
            return self.readers[column](value)
        except ValueError as error:
            raise ValueError(f"{column} {error}") from None

    def _null(self, field: Field[Any, Any]) -> str | None:
        if field.null:
            return None
        # The data model allows null for more texts than we do; "" means the same.
        if field.blank and isinstance(field, models.CharField):
            return ""
        raise ValueError(f"{field.column} is null")

    def _stand_in(self, column: str, row: Row) -> Any:
        field = self.fields[column]
        if column in self.table.defaults:
            return self.table.defaults[column](row)
        if field.null:
            return None
        # A made-up key would be referred to by no other row of the export.
        if field.default is not NOT_PROVIDED and not field.primary_key:
            return field.get_default()
        if field.blank and isinstance(field, models.CharField):
            return ""
        raise ValueError(f"{column} is missing")


def load_table(table: Table, path: Path, absent: set[str]) -> int:
    """Add every row of a file; return their number. Raises CatalogueRefused."""
    inserts = BulkInsert(table.model, list(columns_of(table)))
    count = 0
    for batch in in_batches(RowReader(table, path, absent).rows()):
        _refuse_dangling_references(table, path, batch)
        _convert(table, path, batch)
        _insert(table, path, inserts, batch)
        count += len(batch)
    return count


def _convert(table: Table, path: Path, batch: list[Numbered]) -> None:
    for column, convert in table.converters.items():
        try:
            values = convert([row[column] for _, row in batch])
        except ValueError as error:
            lines = f"{column} {error}, in one of the lines {batch[0][0]} to {batch[-1][0]}"
            raise CatalogueRefused(f"{path.name}: {lines}") from None
        for (_, row), value in zip(batch, values, strict=True):
            row[column] = value


def _insert(table: Table, path: Path, inserts: BulkInsert, batch: list[Numbered]) -> None:
    try:
        with transaction.atomic():
            _add(table, inserts, [row for _, row in batch])
    except DatabaseError:
        # The database names no line, so the rows are tried one by one, only after an error.
        _refuse_bad_row(table, path, inserts, batch)
        raise


def _add(table: Table, inserts: BulkInsert, rows: list[Row]) -> None:
    columns = list(columns_of(table))
    inserts.insert([[row[column] for column in columns] for row in rows])


def _refuse_bad_row(table: Table, path: Path, inserts: BulkInsert, batch: list[Numbered]) -> None:
    """Find the line that the database rejected by inserting rows one by one."""
    for number, row in batch:
        try:
            with transaction.atomic():
                _add(table, inserts, [row])
        except DatabaseError as error:
            problem = str(error).strip().partition("\n")[0]
            raise CatalogueRefused.at(path.name, number, problem) from None


def _refuse_dangling_references(table: Table, path: Path, batch: list[Numbered]) -> None:
    """Raise for foreign keys to missing rows.

    The databases would report them only at commit, without a line number.
    """
    for column, field in columns_of(table).items():
        if not isinstance(field, models.ForeignKey) or column in table.forward_references:
            continue
        keys = {row[column] for _, row in batch if row[column] is not None}
        missing_keys = keys - _existing(field, keys) if keys else set()
        for number, row in batch if missing_keys else ():
            if row[column] in missing_keys:
                raise _dangling(path, number, column, row[column])


def _target_rows(field: Field[Any, Any]) -> QuerySet[Model]:
    target: type[Model] = field.related_model  # type: ignore[assignment]
    return target._default_manager.all()


def _existing(field: Field[Any, Any], keys: set[Any]) -> set[Any]:
    return set(_target_rows(field).filter(pk__in=keys).values_list("pk", flat=True))


def _dangling(path: Path, number: int, column: str, value: object) -> CatalogueRefused:
    return CatalogueRefused.at(
        path.name, number, f"{column} {value} refers to a row that does not exist"
    )


def refuse_dangling_forward_references(table: Table, path: Path) -> None:
    """Raise for dangling references to a table that is loaded later."""
    for column in table.forward_references:
        field = columns_of(table)[column]
        targets = _target_rows(field).filter(pk=OuterRef(field.attname))
        rows = table.model._default_manager.exclude(**{field.attname: None})
        missing_key = rows.filter(~Exists(targets)).values_list(field.attname, flat=True).first()
        for number, row in RowReader(table, path, set()).rows() if missing_key else ():
            if row[column] == missing_key:
                raise _dangling(path, number, column, missing_key)

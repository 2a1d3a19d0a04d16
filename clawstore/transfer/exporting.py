"""Export of the whole catalogue into a folder, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.models import CharField, F, Field, TextField
from django.db.models.functions import Collate

from clawstore.transfer.columns import columns_of, value_field, writer_of
from clawstore.transfer.errors import FolderNotEmpty
from clawstore.transfer.files import copy_out
from clawstore.transfer.lines import write_lines
from clawstore.transfer.parts import parts_of
from clawstore.transfer.snapshot import consistent_snapshot
from clawstore.transfer.summary import FileDigest, Summary, write_summary
from foundation.export import Part, Redaction, Row, Table

ROWS_AT_ONCE = 1000
# Collations that order texts by bytes, whatever the language of the database.
BYTE_ORDER = {"sqlite": "BINARY", "postgresql": "C"}


def export_catalogue(folder: Path, *, private: bool) -> Summary:
    """Write the catalogue to ``folder``, which must be new or empty.

    ``private`` makes it a backup with accounts, email addresses, keys, reports and the audit log,
    readable only by the file owner. Raises FolderNotEmpty.
    """
    _prepare(folder, private=private)
    mode = 0o600 if private else 0o644
    # One moment for all tables, or a row could refer to one that was not written yet.
    with consistent_snapshot():
        tables = {
            part.name: _write(folder, part, private, mode) for part in parts_of(private=private)
        }
    # Renamed only after all are complete, so that a broken export has no table to import.
    for name in tables:
        _draft(folder, name).replace(folder / f"{name}.jsonl")
    summary = Summary(private, tables, copy_out(folder, private=private, mode=mode))
    write_summary(folder, summary)
    return summary


def _prepare(folder: Path, *, private: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    # Files of an earlier export would be taken for parts of this one.
    if any(folder.iterdir()):
        raise FolderNotEmpty(f"{folder} is not empty.")
    if private:
        folder.chmod(0o700)


def _draft(folder: Path, name: str) -> Path:
    return folder / f"{name}.jsonl.part"


def _write(folder: Path, part: Part, private: bool, mode: int) -> FileDigest:
    rows: Iterable[Row] = rows_of(part, private=private) if isinstance(part, Table) else part.rows()
    return write_lines(_draft(folder, part.name), rows, mode=mode)


def rows_of(table: Table, *, private: bool) -> Iterator[dict[str, Any]]:
    """Every row of a table in its order, as JSON values.

    Unless ``private``, redacted rows and private columns are left out.
    """
    fields = columns_of(table)
    for column in () if private else table.private_columns:
        del fields[column]
    writers = [(at, write) for at, f in enumerate(fields.values()) if (write := writer_of(f))]
    rows = table.model._default_manager.order_by(*_ordering(table))
    redactor = _Redactor(table.redaction, list(fields)) if not private and table.redaction else None
    values_of_rows = rows.values_list(*(field.attname for field in fields.values()))
    # A stream: the audit log of an old shop does not fit in memory.
    for row in values_of_rows.iterator(chunk_size=ROWS_AT_ONCE):
        values = list(row)
        if redactor is not None and not redactor.apply(values):
            continue
        for at, write in writers:
            if values[at] is not None:
                values[at] = write(values[at])
        yield dict(zip(fields, values, strict=True))


class _Redactor:
    """Applies the redaction of a table to the rows of a public export."""

    def __init__(self, redaction: Redaction, columns: list[str]) -> None:
        self.ids = frozenset(redaction.ids())
        self.position = columns.index(redaction.column)
        self.replacements = {
            columns.index(key): value for key, value in redaction.replacement.items()
        }

    def apply(self, values: list[Any]) -> bool:
        """Replace redacted values in place; return whether the row is exported."""
        if values[self.position] in self.ids:
            for position, value in self.replacements.items():
                values[position] = value
            return bool(self.replacements)
        return True


def _ordering(table: Table) -> list[Collate | F]:
    fields = {field.column: field for field in table.model._meta.concrete_fields}
    return [_in_byte_order(fields[column]) for column in table.order]


def _in_byte_order(field: Field[Any, Any]) -> Collate | F:
    if isinstance(value_field(field), CharField | TextField):
        # The same order on both databases, so that two exports can be compared with diff.
        return Collate(F(field.attname), BYTE_ORDER[connection.vendor])
    return F(field.attname)

"""Declarations of what an app exports and imports, and of personal data.

`clawstore.transfer` reads and writes the files; an app only declares its tables here.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet

Row = dict[str, Any]


def no_problem(row: Row) -> str:
    """Accept every row."""
    return ""


def never() -> bool:
    return False


def is_sha256(text: object) -> bool:
    """Whether a value is a SHA-256 in small hexadecimal digits."""
    return isinstance(text, str) and len(text) == 64 and set(text) <= set("0123456789abcdef")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """Columns with a stored file's key, its SHA-256 in hex and its size in bytes.

    All three are null if the row has no file; older catalogues lack the columns.
    """

    key: str
    sha256: str
    size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Redaction:
    """Rows that only a private export contains in full: ``column`` is one of ``ids``.

    A public export replaces their columns by ``replacement`` and leaves the row out if that is
    empty. It never contains their stored files.
    """

    column: str
    ids: Callable[[], Collection[Any]]
    replacement: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table as ``<name>.jsonl``: a line is a row, its keys are the columns.

    ``order`` names columns that together are unique. ``defaults`` computes the value of a missing
    key from the rest of the row (a missing nullable column is null). ``problem`` returns a sentence
    about a row that cannot be imported, or "".
    """

    name: str
    model: type[Model]
    order: Sequence[str]
    private: bool = False
    private_columns: frozenset[str] = frozenset()
    # Numbers from a database sequence: written ones would collide with the sequence.
    omitted_columns: frozenset[str] = frozenset()
    # Foreign keys to a later table. Both databases check them only at the commit.
    forward_references: frozenset[str] = frozenset()
    aliases: Mapping[str, str] = field(default_factory=dict)
    # Columns of earlier exports that no longer exist; an import leaves them out.
    former_columns: frozenset[str] = frozenset()
    defaults: Mapping[str, Callable[[Row], Any]] = field(default_factory=dict)
    # Each converts the values of a column in a batch of imported rows. Raises ValueError.
    converters: Mapping[str, Callable[[Sequence[Any]], Sequence[Any]]] = field(default_factory=dict)
    problem: Callable[[Row], str] = no_problem
    # An import deletes the rows that migrations added; every other table must be empty before.
    replaces_rows: bool = False
    # The rows are deleted if the export has this part, and not only if it has their own.
    replaced_with: str = ""
    # Whether a table whose rows are replaced has others than those of migrations.
    has_more_than_migrated: Callable[[], bool] = never
    allows_existing_rows: bool = False
    stored_file: StoredFile | None = None
    redaction: Redaction | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomPart:
    """A small part with its own reader and writer. ``add`` returns a problem, or ""."""

    name: str
    rows: Callable[[], Iterator[Row]]
    add: Callable[[Row], str]
    private: bool = True


Part = Table | CustomPart


@dataclass(frozen=True, slots=True)
class PersonalDataPart:
    """Rows about one user, by the user's id, for the download of their data."""

    name: str
    rows: Callable[[UUID], Iterator[Row]]


def rows_without(rows: QuerySet[Any], *omitted_columns: str) -> Iterator[Row]:
    """Yield the rows as dicts without the omitted columns, 500 at a time."""
    columns = [field.attname for field in rows.model._meta.concrete_fields]
    return rows.values(*(c for c in columns if c not in omitted_columns)).iterator(chunk_size=500)

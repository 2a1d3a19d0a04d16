"""How an app offers its tables to those who move house, and to a person who asks what is kept of
them: declarations, and nothing of files."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Model, QuerySet

Row = dict[str, Any]


def nothing_to_say(row: Row) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """The columns that name a stored file, its SHA-256 and its size in bytes; null, and absent in
    an older catalogue, where a row has none."""

    key: str
    sha256: str
    size: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBack:
    """Rows whose contents are for nobody but a backup: those whose ``column`` is one of ``ids``.

    Such a row says what ``instead`` says; where that is empty, it is left out. Its stored file is
    never among those that everybody gets.
    """

    column: str
    ids: Callable[[], Collection[Any]]
    instead: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table as ``<name>.jsonl``: a row a line, the database's column names as keys.

    ``order`` names the columns that give every row one place. ``stand_ins`` says what takes the
    place of an absent key, from the rest of the row; an absent nullable column is null anyway.
    ``complaint`` says in a sentence what is wrong with a row, or nothing.
    """

    name: str
    model: type[Model]
    order: Sequence[str]
    private: bool = False
    private_columns: frozenset[str] = frozenset()
    # Numbers that the database gives itself: written ones would collide with its counter.
    left_out: frozenset[str] = frozenset()
    # Columns that point to a table further behind: both databases look only at the commit.
    points_ahead: frozenset[str] = frozenset()
    also_read_as: Mapping[str, str] = field(default_factory=dict)
    stand_ins: Mapping[str, Callable[[Row], Any]] = field(default_factory=dict)
    # What a value passes through on its way in.
    read_through: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    complaint: Callable[[Row], str] = nothing_to_say
    # What the migrations put there gives way; every other table must be empty before.
    is_replaced: bool = False
    may_hold_rows: bool = False
    stored_file: StoredFile | None = None
    kept_back: KeptBack | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FewRows:
    """A small part that reads and writes itself. ``add`` gives a complaint, or nothing."""

    name: str
    rows: Callable[[], Iterator[Row]]
    add: Callable[[Row], str]
    private: bool = True


Part = Table | FewRows


@dataclass(frozen=True, slots=True)
class OwnPart:
    """What of an app's rows a person gets who asks for their data: by the user's id."""

    name: str
    rows: Callable[[UUID], Iterator[Row]]


def rows_without(rows: QuerySet[Any], *left_out: str) -> Iterator[Row]:
    """All columns but those left out, a few rows at a time."""
    columns = [field.attname for field in rows.model._meta.concrete_fields]
    return rows.values(*(c for c in columns if c not in left_out)).iterator(chunk_size=500)

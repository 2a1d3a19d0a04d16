"""Pages that lose nothing: a cursor carries the whole ordering tuple, NULLs included.

An ordering is a sequence of ``Sort`` whose last one is unique (the primary key), so every row has
one place, and walking the pages visits each row exactly once however many of them tie.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from typing import Any, Generic, TypeVar, cast

import orjson
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import F, Field, GeneratedField, IntegerField, Model, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.utils.timezone import is_naive, make_aware

from foundation.refusals import InvalidParameter

R = TypeVar("R")
MAX_LIMIT = 100
BIGGEST_INTEGER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Sort:
    """One part of an ordering. A nullable column sorts its NULLs last, whatever the direction."""

    column: str
    descending: bool = False
    nullable: bool = False

    def order_by(self) -> OrderBy:
        last = True if self.nullable else None
        column = F(self.column)
        return column.desc(nulls_last=last) if self.descending else column.asc(nulls_last=last)

    def after(self, value: Any) -> Q | None:
        """The rows strictly behind ``value`` in this column; None where there can be none."""
        if value is None:
            return None
        beyond = Q(**{f"{self.column}__{'lt' if self.descending else 'gt'}": value})
        return beyond | Q(**{f"{self.column}__isnull": True}) if self.nullable else beyond

    def same(self, value: Any) -> Q:
        if value is None:
            return Q(**{f"{self.column}__isnull": True})
        return Q(**{self.column: value})


Ordering = Sequence[Sort]


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    items: list[R]
    next_cursor: str | None


def read_limit(raw: str | None, default: int = 20) -> int:
    """1 to 100; above 100 is 100, anything else refuses."""
    if raw is None:
        return default
    digits = raw.lstrip("0")
    if not (raw.isascii() and raw.isdigit() and digits):
        raise InvalidParameter("limit must be a whole number from 1 to 100.", parameter="limit")
    # However long it is: Python itself reads no more than 4300 digits.
    return int(digits) if len(digits) <= 2 else MAX_LIMIT


def take_page(
    rows: QuerySet[Any, R], ordering: Ordering, *, limit: int, cursor: str | None, name: str
) -> Page[R]:
    """The ``limit`` rows behind ``cursor``. ``name`` ties a cursor to the list it came from."""
    if cursor:
        rows = rows.filter(behind(ordering, read_cursor(rows.model, ordering, cursor, name)))
    if not rows.ordered:
        rows = rows.order_by(*[sort.order_by() for sort in ordering])
    return page_of(list(rows[: limit + 1]), ordering, limit, name)


def page_of(found: list[R], ordering: Ordering, limit: int, name: str) -> Page[R]:
    """A page of up to ``limit`` out of the rows found, which are one more where there is more."""
    items = found[:limit]
    more = len(found) > limit
    return Page(items, write_cursor(ordering, items[-1], name) if more else None)


def behind(ordering: Ordering, values: Sequence[Any]) -> Q:
    """The rows strictly behind the row with these values."""
    condition = Q(pk__in=[])
    same = Q()
    for sort, value in zip(ordering, values, strict=True):
        after = sort.after(value)
        if after is not None:
            condition |= same & after
        same &= sort.same(value)
    first = ordering[0].after(values[0])
    # Said twice on purpose: the plain first condition lets an index seek instead of a scan.
    if first is not None and not ordering[0].nullable:
        condition &= first | ordering[0].same(values[0])
    return condition


def _value_of(row: Any, column: str) -> Any:
    return row[column] if isinstance(row, dict) else getattr(row, column)


def write_cursor(ordering: Ordering, row: Any, name: str) -> str:
    """The place right behind ``row``, to come back to."""
    values = [_value_of(row, sort.column) for sort in ordering]
    plain = [v.isoformat() if isinstance(v, datetime) else v for v in values]
    return base64.urlsafe_b64encode(orjson.dumps([name, *plain], default=str)).rstrip(b"=").decode()


def belongs_to(cursor: str, name: str) -> bool:
    """Whether a cursor says that it comes from the list of this name."""
    parts = _parts_of(cursor)
    return bool(parts) and parts[0] == name


def _parts_of(cursor: str) -> list[Any]:
    """The name and the values in a cursor; nothing where it is none."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        parts = orjson.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        return []
    return parts if isinstance(parts, list) else []


def read_cursor(
    model: type[Model], ordering: Ordering, cursor: str, name: str, *, parameter: str = "cursor"
) -> list[Any]:
    """The ordering tuple in a cursor; refuses one that is forged or from another list.
    ``parameter`` is what the address calls it."""
    bad = InvalidParameter("This cursor is invalid.", parameter=parameter)
    parts = _parts_of(cursor)
    if len(parts) != len(ordering) + 1 or parts[0] != name:
        raise bad
    try:
        return [
            _read_value(model, sort, value) for sort, value in zip(ordering, parts[1:], strict=True)
        ]
    except (ValidationError, ValueError, TypeError, OverflowError) as error:
        raise bad from error


def _read_value(model: type[Model], sort: Sort, value: Any) -> Any:
    if value is None:
        if not sort.nullable:
            raise ValueError(sort.column)
        return None
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise TypeError(sort.column)
    if value == "" or "\0" in str(value):
        raise ValueError(sort.column)

    parsed = _field(model, sort.column).to_python(value)
    if parsed is None or (isinstance(parsed, float) and not isfinite(parsed)):
        raise ValueError(sort.column)
    if isinstance(parsed, int) and abs(parsed) > BIGGEST_INTEGER:
        raise ValueError(sort.column)
    if isinstance(parsed, datetime):
        # In UTC, as it is stored: a time that has none there (the year 0) fails here.
        return (make_aware(parsed) if is_naive(parsed) else parsed).astimezone(UTC)
    return parsed


def _field(model: type[Model], column: str) -> "Field[Any, Any]":
    """The column's field; an annotation (a rank, say) is a whole number."""
    try:
        field = cast("Field[Any, Any]", model._meta.get_field(column))
    except FieldDoesNotExist:
        return IntegerField()
    if isinstance(field, GeneratedField) and field.output_field is not None:
        return field.output_field
    return field

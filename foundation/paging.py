"""Pagination by cursor, and by page number.

A cursor contains the values of all ordering columns, including NULLs. An ordering is a sequence of
``Sort`` whose last column is unique (the primary key), so every row has one position, and following
the cursors visits each row exactly once, however many rows tie.
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
from django.core.paginator import EmptyPage, PageNotAnInteger, Paginator
from django.core.paginator import Page as NumberedPage
from django.db.models import F, Field, GeneratedField, IntegerField, Model, Q, QuerySet
from django.db.models.expressions import OrderBy
from django.utils.timezone import is_naive, make_aware

from foundation.refusals import InvalidParameter

R = TypeVar("R")
MAX_LIMIT = 100
MAX_INTEGER = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Sort:
    """One column of an ordering.

    NULLs of a nullable column come last in both directions. ``field`` is the type of an annotation
    that is no integer.
    """

    column: str
    descending: bool = False
    nullable: bool = False
    field: "Field[Any, Any] | None" = None

    def order_by(self) -> OrderBy:
        nulls_last = True if self.nullable else None
        column = F(self.column)
        if self.descending:
            return column.desc(nulls_last=nulls_last)
        return column.asc(nulls_last=nulls_last)

    def after(self, value: Any) -> Q | None:
        """Return the condition for later values in this column; None if there are none."""
        if value is None:
            return None
        is_later = Q(**{f"{self.column}__{'lt' if self.descending else 'gt'}": value})
        return is_later | Q(**{f"{self.column}__isnull": True}) if self.nullable else is_later

    def not_before(self, value: Any) -> Q:
        """Return the condition for a value that is no NULL, and later ones, as one range."""
        return Q(**{f"{self.column}__{'lte' if self.descending else 'gte'}": value})

    def equal(self, value: Any) -> Q:
        if value is None:
            return Q(**{f"{self.column}__isnull": True})
        return Q(**{self.column: value})


Ordering = Sequence[Sort]


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    items: list[R]
    next_cursor: str | None


def read_limit(raw: str | None, default: int = 20) -> int:
    """Parse the parameter ``limit``; a value above 100 becomes 100.

    Raises InvalidParameter.
    """
    if raw is None:
        return default
    digits = raw.lstrip("0")
    if not (raw.isascii() and raw.isdigit() and digits):
        raise InvalidParameter("limit must be a whole number from 1 to 100.", parameter="limit")
    # The number may be arbitrarily long, and Python parses at most 4,300 digits.
    return int(digits) if len(digits) <= 2 else MAX_LIMIT


def numbered_page(paginator: "Paginator[R]", number: str | int | None) -> "NumberedPage[R]":
    """Return the page of a number in an address.

    What is no number or below 1 gives the first page, a number too large the last one.
    """
    try:
        return paginator.page(number or 1)
    except PageNotAnInteger:
        return paginator.page(1)
    except EmptyPage:
        # Django's own get_page() answers 0 with the last page.
        return paginator.page(paginator.num_pages if int(number or 1) > 1 else 1)


def fetch_page(
    rows: QuerySet[Any, R], ordering: Ordering, *, limit: int, cursor: str | None, name: str
) -> Page[R]:
    """Return up to ``limit`` rows after ``cursor``. Raises InvalidParameter.

    ``name`` identifies the list: a cursor of another list is refused.
    """
    if cursor:
        rows = rows.filter(after_values(ordering, read_cursor(rows.model, ordering, cursor, name)))
    if not rows.ordered:
        rows = rows.order_by(*[sort.order_by() for sort in ordering])
    return build_page(list(rows[: limit + 1]), ordering, limit, name)


def build_page(rows: list[R], ordering: Ordering, limit: int, name: str) -> Page[R]:
    """Return a page of up to ``limit`` rows; one row more means a next page."""
    items = rows[:limit]
    has_more = len(rows) > limit
    return Page(items, write_cursor(ordering, items[-1], name) if has_more else None)


def after_values(ordering: Ordering, values: Sequence[Any]) -> Q:
    """Return the condition for rows after the row with these values."""
    condition = Q(pk__in=[])
    equal = Q()
    for sort, value in zip(ordering, values, strict=True):
        after = sort.after(value)
        if after is not None:
            condition |= equal & after
        equal &= sort.equal(value)
    # This repeats a part of the condition so that the database seeks in an index, not scans. One
    # range: SQLite does not seek in an ordered index for "less or equal" written as two conditions.
    if values[0] is not None and not ordering[0].nullable:
        condition &= ordering[0].not_before(values[0])
    return condition


def _value_of(row: Any, column: str) -> Any:
    return row[column] if isinstance(row, dict) else getattr(row, column)


def write_cursor(ordering: Ordering, row: Any, name: str) -> str:
    """Return the cursor for the position after ``row``."""
    values = [_value_of(row, sort.column) for sort in ordering]
    plain = [v.isoformat() if isinstance(v, datetime) else v for v in values]
    return base64.urlsafe_b64encode(orjson.dumps([name, *plain], default=str)).rstrip(b"=").decode()


def _decode(cursor: str) -> list[Any]:
    """Return the name and the values in a cursor; [] if it is malformed."""
    try:
        padded_text = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        parts = orjson.loads(base64.b64decode(padded_text, altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        return []
    return parts if isinstance(parts, list) else []


def read_cursor(
    model: type[Model], ordering: Ordering, cursor: str, name: str, *, parameter: str = "cursor"
) -> list[Any]:
    """Return the values in a cursor.

    Raises InvalidParameter for a forged one or another list's. ``parameter`` is the name of the
    query parameter, for the message.
    """
    invalid = InvalidParameter("This cursor is invalid.", parameter=parameter)
    parts = _decode(cursor)
    if len(parts) != len(ordering) + 1 or parts[0] != name:
        raise invalid
    try:
        return [
            _read_value(model, sort, value) for sort, value in zip(ordering, parts[1:], strict=True)
        ]
    except (ValidationError, ValueError, TypeError, OverflowError) as error:
        raise invalid from error


def _read_value(model: type[Model], sort: Sort, value: Any) -> Any:
    if value is None:
        if not sort.nullable:
            raise ValueError(sort.column)
        return None
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise TypeError(sort.column)
    if (value == "" and sort.field is None) or "\0" in str(value):
        raise ValueError(sort.column)

    column_value = column_field(model, sort).to_python(value)
    if column_value is None or (isinstance(column_value, float) and not isfinite(column_value)):
        raise ValueError(sort.column)
    if isinstance(column_value, int) and abs(column_value) > MAX_INTEGER:
        raise ValueError(sort.column)
    if isinstance(column_value, datetime):
        # In UTC, as stored. A time that does not exist in UTC (in the year 0) fails here.
        return (make_aware(column_value) if is_naive(column_value) else column_value).astimezone(
            UTC
        )
    return column_value


def column_field(model: type[Model], sort: Sort) -> "Field[Any, Any]":
    """Return the type of a column; an annotation without one is an integer."""
    if sort.field is not None:
        return sort.field
    try:
        field = cast("Field[Any, Any]", model._meta.get_field(sort.column))
    except FieldDoesNotExist:
        return IntegerField()
    if isinstance(field, GeneratedField) and field.output_field is not None:
        return field.output_field
    return field

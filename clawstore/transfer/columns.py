"""Conversion of column values to JSON and back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from math import isfinite
from typing import Any
from uuid import UUID

import orjson
from django.db import models
from django.db.models import Field

from foundation.export import Table

# The largest of both databases; SQLite would raise OverflowError instead of a refusal with a line.
BIGGEST_INTEGER = 2**63 - 1


def columns_of(table: Table) -> dict[str, Field[Any, Any]]:
    """The exported fields of a table by column name."""
    fields = {str(field.column): field for field in table.model._meta.concrete_fields}
    return {
        column: field for column, field in fields.items() if column not in table.omitted_columns
    }


def value_field(field: Field[Any, Any]) -> Field[Any, Any]:
    """The field that determines a column's type: the target field of a foreign key."""
    # A key may point to a row whose own key is a foreign key, such as a profile's user.
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    return field


def exact_time(moment: datetime) -> str:
    """ISO 8601 in UTC, with milliseconds, or microseconds if needed."""
    # Only as exact as needed, so that a time of the client's format comes back as the same text.
    precision = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def _sorted_json(value: Any) -> orjson.Fragment:
    # PostgreSQL reorders keys; sorting makes exports of both databases equal.
    return orjson.Fragment(orjson.dumps(value, option=orjson.OPT_SORT_KEYS))


def writer_of(field: Field[Any, Any]) -> Callable[[Any], Any] | None:
    """A function that converts a value to JSON, or None if it needs no conversion."""
    kind = value_field(field)
    if isinstance(kind, models.UUIDField):
        return str
    if isinstance(kind, models.DateTimeField):
        return exact_time
    if isinstance(kind, models.DateField):
        return date.isoformat
    return _sorted_json if isinstance(kind, models.JSONField) else None


def reader_of(field: Field[Any, Any]) -> Callable[[Any], Any]:
    """A function that converts JSON to a value and raises ValueError."""
    kind = value_field(field)
    if isinstance(kind, models.CharField | models.TextField):
        return _text_reader(kind.max_length)
    for field_class, reader in READERS.items():
        if isinstance(kind, field_class):
            return reader
    raise TypeError(f"No reader for {type(kind).__name__}.")


def _text_reader(limit: int | None) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise ValueError("is not a string")
        if limit is not None and len(value) > limit:
            raise ValueError(f"has more than {limit} characters")
        return value

    return read


def _uuid(value: Any) -> UUID:
    try:
        return UUID(value)
    except (ValueError, AttributeError, TypeError):
        raise ValueError("is not a UUID") from None


def _time(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except (ValueError, TypeError):
        raise ValueError("is not an ISO 8601 time") from None
    if moment.tzinfo is None:
        # It would be another moment on each machine.
        raise ValueError("is a time without a UTC offset")
    return moment.astimezone(UTC)


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value)
    except (ValueError, TypeError):
        raise ValueError("is not an ISO 8601 date") from None


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("is not true or false")
    return value


def _integer(value: Any) -> int:
    # In Python, true is a whole number.
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > BIGGEST_INTEGER:
        raise ValueError("is not a whole number")
    return value


def _float(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not isfinite(value):
        raise ValueError("is not a number")
    return float(value)


def _json(value: Any) -> Any:
    return value


READERS: dict[type[Field[Any, Any]], Callable[[Any], Any]] = {
    models.UUIDField: _uuid,
    models.DateTimeField: _time,
    models.DateField: _day,  # After DateTimeField, which is a subclass.
    models.BooleanField: _boolean,
    models.IntegerField: _integer,
    models.FloatField: _float,
    models.JSONField: _json,
}

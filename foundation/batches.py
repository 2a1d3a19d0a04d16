"""Work on many rows in batches."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

from django.db.models import QuerySet

# SQLite allows 999 parameters in old builds; PostgreSQL gains nothing from larger batches.
BATCH_SIZE = 500

T = TypeVar("T")


def in_batches(items: Iterable[T], size: int = BATCH_SIZE) -> Iterator[list[T]]:
    """The items in lists of at most ``size``; Python 3.11 has no ``batched``."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def walk_by_key(rows: QuerySet[Any, Any], size: int = BATCH_SIZE) -> Iterator[list[Any]]:
    """The primary keys of all rows in ascending order, in lists of at most ``size``.

    Each list is a query of its own: no cursor stays open, beside which SQLite could not write after
    another process has.
    """
    keys = rows.order_by("pk").values_list("pk", flat=True)
    batch = list(keys[:size])
    while batch:
        yield batch
        batch = list(keys.filter(pk__gt=batch[-1])[:size])


def in_batches_by_length(texts: Iterable[str], length: int) -> Iterator[list[str]]:
    """The texts in lists of at most ``length`` characters, or of one longer text."""
    batch: list[str] = []
    total = 0
    for text in texts:
        if batch and total + len(text) > length:
            yield batch
            batch, total = [], 0
        batch.append(text)
        total += len(text)
    if batch:
        yield batch

"""Derived data of many writes, computed once at their end."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from foundation.batches import in_batches

Work = Callable[[Collection[UUID]], Any]

_postponed_work: ContextVar[dict[Work, set[UUID]] | None] = ContextVar("postponed", default=None)


@contextmanager
def bulk_load() -> Iterator[None]:
    """Do the postponed work of the block at its end, once for each row.

    Also after an error. For loaders that write one agent many times: readers see the derived data
    only at the end.
    """
    works: dict[Work, set[UUID]] = {}
    token = _postponed_work.set(works)
    try:
        yield
    finally:
        _postponed_work.reset(token)
        for work, ids in works.items():
            for batch in in_batches(sorted(ids)):
                work(batch)


def is_bulk_load() -> bool:
    return _postponed_work.get() is not None


def postpone(work: Work, ids: Collection[UUID]) -> bool:
    """Leave ``work(ids)`` to the end of the bulk load; returns False if there is none."""
    works = _postponed_work.get()
    if works is None:
        return False
    works.setdefault(work, set()).update(ids)
    return True

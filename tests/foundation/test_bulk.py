"""Work of a bulk load is done once, at its end."""

from collections.abc import Collection
from contextlib import suppress
from uuid import UUID

from foundation.bulk import bulk_load, postpone

FIRST, SECOND = UUID(int=1), UUID(int=2)


def test_work_is_done_once_for_each_row_at_the_end() -> None:
    done: list[Collection[UUID]] = []

    with bulk_load():
        for ids in ([SECOND], [FIRST, SECOND]):
            assert postpone(done.append, ids)
        assert done == []

    assert done == [[FIRST, SECOND]]


def test_work_is_done_after_an_error() -> None:
    done: list[Collection[UUID]] = []

    with suppress(LookupError), bulk_load():
        postpone(done.append, [FIRST])
        raise LookupError

    assert done == [[FIRST]]


def test_nothing_is_postponed_without_a_bulk_load() -> None:
    done: list[Collection[UUID]] = []

    assert not postpone(done.append, [FIRST])
    assert done == []

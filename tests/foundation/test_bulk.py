"""Work of a bulk load is done once, at its end."""

from collections.abc import Collection
from contextlib import suppress
from uuid import UUID

from foundation.bulk import bulk_load, postpone

FIRST, SECOND = UUID(int=1), UUID(int=2)


def test_work_is_done_once_for_each_row_at_the_end() -> None:
    finished_work: list[Collection[UUID]] = []

    with bulk_load():
        for ids in ([SECOND], [FIRST, SECOND]):
            assert postpone(finished_work.append, ids)
        assert finished_work == []

    assert finished_work == [[FIRST, SECOND]]


def test_work_is_done_after_an_error() -> None:
    finished_work: list[Collection[UUID]] = []

    with suppress(LookupError), bulk_load():
        postpone(finished_work.append, [FIRST])
        raise LookupError

    assert finished_work == [[FIRST]]


def test_nothing_is_postponed_without_a_bulk_load() -> None:
    finished_work: list[Collection[UUID]] = []

    assert not postpone(finished_work.append, [FIRST])
    assert finished_work == []

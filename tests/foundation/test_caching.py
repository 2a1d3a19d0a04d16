"""Revisions change with every commit; cached values are bounded."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from foundation.caching import store
from foundation.caching.actions import BumpOutsideTransaction, bump_revision
from foundation.caching.local_memory import ENTRY_OVERHEAD, BoundedLocalMemoryCache
from foundation.caching.models import Revision
from foundation.caching.queries import get_revisions
from foundation.caching.values import cached_value, cached_values
from tests.support.races import run_at_once


def test_revision_counts_its_changes(db: None) -> None:
    assert get_revisions("catalogue") == (0,)

    bump_revision("catalogue")
    bump_revision("catalogue")
    bump_revision("site")

    assert get_revisions("catalogue", "site", "other") == (2, 1, 0)


@pytest.mark.django_db(transaction=True)
def test_revision_is_rolled_back_with_its_change() -> None:
    with transaction.atomic():
        bump_revision("catalogue")
        transaction.set_rollback(True)

    assert get_revisions("catalogue") == (0,)


@pytest.mark.django_db(transaction=True)
def test_bump_outside_a_transaction_is_a_bug() -> None:
    with pytest.raises(BumpOutsideTransaction):
        bump_revision("catalogue")

    assert not Revision.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_writers_never_wait_for_each_other() -> None:
    """All writers hold a part of the revision at once (SQLite has one writer)."""
    writers = 4 if connection.vendor == "postgresql" else 1
    everyone_has_bumped = threading.Barrier(writers, timeout=20)

    def write(_: int) -> None:
        try:
            with transaction.atomic():
                bump_revision("catalogue")
                everyone_has_bumped.wait()
        finally:
            connection.close()

    for _ in range(2):
        with ThreadPoolExecutor(writers) as pool:
            list(pool.map(write, range(writers)))

    assert get_revisions("catalogue") == (2 * writers,)
    assert Revision.objects.count() == writers


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_no_committed_change_is_lost_in_a_race() -> None:
    """Each writer rolls back every third of its transactions."""
    rounds, writers = 15, 6

    def write() -> None:
        for number in range(rounds):
            with transaction.atomic():
                bump_revision("catalogue")
                bump_revision("ranking")
                transaction.set_rollback(number % 3 == 0)

    assert run_at_once([write] * writers) == [None] * writers

    commit_count = writers * rounds * 2 // 3
    assert get_revisions("catalogue", "ranking") == (commit_count, commit_count)
    # Not more parts than there were simultaneous writers.
    assert Revision.objects.count() <= 2 * writers


def test_value_is_computed_once_for_each_revision(db: None) -> None:
    computations: list[int] = []

    def count() -> list[int]:
        computations.append(1)
        return [len(computations)]

    assert cached_value(("count", "a"), 1, count) == [1]
    assert cached_value(("count", "a"), 1, count) == [1]
    assert cached_value(("count", "a"), 2, count) == [2]
    assert cached_value(("count", "b"), 1, count) == [3]


def test_many_values_are_read_at_once_and_only_missing_ones_computed(db: None) -> None:
    computations: list[int] = []

    def value(indexes: Sequence[int]) -> list[str]:
        computations.extend(indexes)
        return [f"value {index}" for index in indexes]

    keys = [("row", letter, 1) for letter in "abc"]
    assert cached_values("rows", keys[:2], value) == ["value 0", "value 1"]
    assert cached_values("rows", keys, value) == ["value 0", "value 1", "value 2"]
    assert cached_values("rows", [], value) == []

    assert computations == [0, 1, 2]


def test_site_works_without_its_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    class BrokenCache:
        attempts = 0

        def get(self, key: str) -> Any:
            self.attempts += 1
            raise ConnectionError

    broken_cache = BrokenCache()
    monkeypatch.setattr(store, "caches", {"values": broken_cache})
    monkeypatch.setattr(store, "_paused_until", 0.0)

    assert cached_value(("count",), 1, lambda: 5) == 5
    assert cached_value(("count",), 1, lambda: 6) == 6
    assert broken_cache.attempts == 1


@pytest.fixture
def small_cache() -> BoundedLocalMemoryCache:
    cache = BoundedLocalMemoryCache("test", {"OPTIONS": {"MAX_BYTES": 80_000, "MAX_ENTRIES": 20}})
    cache.clear()
    return cache


def test_local_memory_is_bounded_by_bytes(small_cache: BoundedLocalMemoryCache) -> None:
    for number in range(100):
        small_cache.set(f"page-{number}", b"x" * 9_000)

    assert 70_000 < small_cache.size <= 80_000
    assert small_cache.get("page-99") == b"x" * 9_000
    assert small_cache.get("page-0") is None


def test_local_memory_is_bounded_by_entries(small_cache: BoundedLocalMemoryCache) -> None:
    for number in range(100):
        small_cache.set(f"page-{number}", b"x")

    assert sum(small_cache.get(f"page-{n}") is not None for n in range(100)) == 20


def test_local_memory_drops_the_least_recently_used(small_cache: BoundedLocalMemoryCache) -> None:
    for number in range(30):
        small_cache.set(f"page-{number}", b"x")
        small_cache.get("page-0")

    assert small_cache.get("page-0") == b"x"
    assert small_cache.get("page-5") is None


def test_local_memory_takes_no_value_that_displaces_all(
    small_cache: BoundedLocalMemoryCache,
) -> None:
    small_cache.set("page", b"x")
    small_cache.set("huge", b"x" * 20_000)

    assert small_cache.get("huge") is None
    assert small_cache.get("page") == b"x"


def test_local_memory_counts_what_it_drops(small_cache: BoundedLocalMemoryCache) -> None:
    small_cache.set("page", b"x" * 1000)
    full = small_cache.size
    small_cache.set("page", b"x" * 1000)
    assert small_cache.size == full > 1000 + ENTRY_OVERHEAD
    small_cache.set("over", 1, timeout=0)
    small_cache.get("over")

    small_cache.delete("page")
    assert small_cache.size == 0
    small_cache.set("page", b"x")
    small_cache.clear()
    assert small_cache.size == 0

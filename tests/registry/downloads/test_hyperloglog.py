"""Approximate distinct counts."""

import pytest

from registry.downloads.hyperloglog import EMPTY_SKETCH, add_items, estimate_count, merge_sketches

pytestmark = pytest.mark.once


def make_sketch(*items: object) -> str:
    return add_items(EMPTY_SKETCH, map(str, items))


@pytest.mark.parametrize(
    ("count", "tolerance"), [(0, 0), (1, 0), (3, 0), (20, 2), (1000, 100), (50_000, 5000)]
)
def test_an_estimate_is_accurate_to_ten_percent(count: int, tolerance: int) -> None:
    assert abs(estimate_count(make_sketch(*range(count))) - count) <= tolerance


def test_merged_sketches_count_no_item_twice() -> None:
    monday, tuesday = make_sketch(*range(300)), make_sketch(*range(200, 500))

    assert merge_sketches([monday, tuesday]) == make_sketch(*range(500))
    assert merge_sketches([monday, monday]) == monday
    assert merge_sketches([]) == EMPTY_SKETCH
    assert (len(monday), monday.isprintable()) == (512, True)

"""Budgets of processor time: shared by everybody, and paid back by waiting."""

from collections.abc import Callable
from typing import Any

import pytest

from foundation.limits import budgets
from foundation.limits.budgets import PURSES, Purse, part_of_a_process, spending
from foundation.limits.errors import RateLimited
from foundation.limits.rules import BUDGETS, Budget

pytestmark = pytest.mark.once

# A tenth of a second in every second, saved for ten: one second at most.
TENTH = Budget("test", 0.1, 10)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the clock of the budgets, in seconds."""

    def set_clock(seconds: float) -> None:
        monkeypatch.setattr(budgets, "monotonic", lambda: seconds)

    set_clock(0)
    return set_clock


@pytest.fixture
def purse(at: Callable[[float], None]) -> Purse:
    return Purse(TENTH, rate=0.1, counted_at=0)


def waiting(purse: Purse, *, leaving: float = 0.0) -> int:
    """How many seconds it says to wait; 0 where it refuses nothing."""
    try:
        purse.refuse_when_spent(leaving=leaving)
    except RateLimited as refused:
        return int(refused.details["retry_after"])
    return 0


def test_what_was_saved_can_be_spent_at_once_and_comes_in_again(
    purse: Purse, at: Callable[[float], None]
) -> None:
    assert waiting(purse) == 0
    purse.spend(0.9)
    assert waiting(purse) == 0
    purse.spend(0.3)  # Nobody knows before what it takes: it is a debt.
    assert waiting(purse) == 2
    at(1)
    assert waiting(purse) == 1
    at(2.5)
    assert waiting(purse) == 0


def test_no_more_is_saved_than_the_budget_says(purse: Purse, at: Callable[[float], None]) -> None:
    at(1000)
    assert waiting(purse) == 0
    purse.spend(1.5)
    assert waiting(purse) == 5


def test_some_can_be_left_to_others(purse: Purse) -> None:
    purse.spend(0.75)

    assert waiting(purse, leaving=0.5) == 3
    assert waiting(purse) == 0


def test_no_crowd_takes_more_than_the_share(purse: Purse, at: Callable[[float], None]) -> None:
    """Whoever asks, a hundred times a second for ten minutes."""
    for tick in range(600 * 100):
        at(tick / 100)
        if not waiting(purse):
            purse.spend(0.04)

    assert purse.take_spent() == pytest.approx(600 * 0.1 + 1, abs=0.05)
    assert purse.take_spent() == 0


def test_what_is_done_inside_is_paid_for_even_where_it_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times = iter([10.0, 10.25])
    monkeypatch.setattr(budgets, "thread_time", lambda: next(times))
    monkeypatch.setitem(PURSES, "test", Purse(TENTH, rate=0.1))

    with pytest.raises(ZeroDivisionError), spending("test"):
        raise ZeroDivisionError

    assert PURSES["test"].take_spent() == 0.25


@pytest.mark.parametrize(("cores", "workers", "part"), [(2, 2, 0.1), (8, 2, 0.4), (1, 4, 0.025)])
def test_the_workers_of_a_machine_share_its_part(
    monkeypatch: pytest.MonkeyPatch, settings: Any, cores: int, workers: int, part: float
) -> None:
    monkeypatch.setattr(budgets.os, "cpu_count", lambda: cores)
    settings.WEB_WORKERS = workers

    assert part_of_a_process(TENTH) == pytest.approx(part)


def test_comparing_takes_five_percent_of_a_machine_in_its_worst_twenty_seconds() -> None:
    compare = BUDGETS["compare"]

    assert compare.share * (20 + compare.saved) / 20 <= 0.05

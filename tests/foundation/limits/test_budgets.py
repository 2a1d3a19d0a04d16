"""CPU budgets: shared by all callers, and refilled over time."""

from collections.abc import Callable
from typing import Any

import pytest

from foundation.limits import budgets
from foundation.limits.budgets import CpuBudget, charged_to, cpu_budget, process_rate
from foundation.limits.declarations import Budget, declared_budgets, get_budget
from foundation.limits.errors import RateLimited

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
def budget(at: Callable[[float], None]) -> CpuBudget:
    return CpuBudget(TENTH, rate=0.1, updated_at=0)


def waiting(budget: CpuBudget, *, reserve: float = 0.0) -> int:
    """The seconds to wait, or 0 if the budget is available."""
    try:
        budget.require_available(reserve=reserve)
    except RateLimited as refusal:
        return int(refusal.details["retry_after"])
    return 0


def test_saved_budget_can_be_spent_at_once_and_refills(
    budget: CpuBudget, at: Callable[[float], None]
) -> None:
    assert waiting(budget) == 0
    budget.charge(0.9)
    assert waiting(budget) == 0
    budget.charge(0.3)  # The cost is known afterwards only, so a budget may become negative.
    assert waiting(budget) == 2
    at(1)
    assert waiting(budget) == 1
    at(2.5)
    assert waiting(budget) == 0


def test_saved_budget_has_a_maximum(budget: CpuBudget, at: Callable[[float], None]) -> None:
    at(1000)
    assert waiting(budget) == 0
    budget.charge(1.5)
    assert waiting(budget) == 5


def test_reserve_is_left_to_other_callers(budget: CpuBudget) -> None:
    budget.charge(0.75)

    assert waiting(budget, reserve=0.5) == 3
    assert waiting(budget) == 0


def test_many_requests_take_no_more_than_the_share(
    budget: CpuBudget, at: Callable[[float], None]
) -> None:
    """Ten requests a second for ten minutes, which ask for four times the share."""
    for tick in range(600 * 10):
        at(tick / 10)
        if not waiting(budget):
            budget.charge(0.04)

    assert budget.take_unreported() == pytest.approx(600 * 0.1 + 1, abs=0.05)
    assert budget.take_unreported() == 0


def test_failed_work_is_charged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    times = iter([10.0, 10.25])
    monkeypatch.setattr(budgets, "thread_time", lambda: next(times))
    monkeypatch.setitem(declared_budgets(), "test", TENTH)

    with pytest.raises(ZeroDivisionError), charged_to("test"):
        raise ZeroDivisionError

    assert cpu_budget("test").take_unreported() == 0.25


@pytest.mark.parametrize(("cores", "workers", "part"), [(2, 2, 0.1), (8, 2, 0.4), (1, 4, 0.025)])
def test_workers_of_a_machine_share_its_budget(
    monkeypatch: pytest.MonkeyPatch, settings: Any, cores: int, workers: int, part: float
) -> None:
    monkeypatch.setattr(budgets.os, "cpu_count", lambda: cores)
    settings.WEB_WORKERS = workers

    assert process_rate(TENTH) == pytest.approx(part)


def test_compare_budget_is_at_most_five_percent_in_twenty_seconds() -> None:
    compare = get_budget("compare")

    assert compare.share * (20 + compare.saved_seconds) / 20 <= 0.05

"""Budgets of processor time that all callers share.

A limit per caller does not stop a caller with many addresses, and a unit of work that takes between
5 and 500 ms cannot be counted in uses. So each process counts the processor time itself and may
spend its part of the machine. This needs no write, and overshoots only by the requests under way.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from math import ceil
from time import monotonic, thread_time

from django.conf import settings

from foundation.limits.declarations import Budget, declared_budgets, get_budget
from foundation.limits.errors import RateLimited
from foundation.sandbox.usage import child_seconds


@dataclass(slots=True)
class CpuBudget:
    """This process's part of a budget, in seconds of processor time.

    ``rate`` is added every second up to ``capacity``. Spending below zero is a debt that is paid
    back first.
    """

    budget: Budget
    rate: float
    remaining_seconds: float = 0.0
    updated_at: float = field(default_factory=monotonic)
    unreported_seconds: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        # Full at the start, or the first requests after a restart would be refused.
        self.remaining_seconds = self.capacity

    @property
    def capacity(self) -> float:
        return self.rate * self.budget.saved_seconds

    def require_available(self, *, reserve: float = 0.0) -> None:
        """Raise RateLimited if nothing remains above ``reserve``, a share of the capacity."""
        missing_seconds = reserve * self.capacity - self._refill()
        if missing_seconds >= 0:
            seconds = max(1, ceil(missing_seconds / self.rate))
            raise RateLimited(
                f"Too many requests of this kind at the moment. Try again in {seconds} s.",
                limit=self.budget.name,
                retry_after=seconds,
            )

    def charge(self, seconds: float) -> None:
        with self._lock:
            # After the work, as nothing tells beforehand how long it takes.
            self.remaining_seconds -= seconds
            self.unreported_seconds += seconds

    def take_unreported(self) -> float:
        """Return the seconds charged since the last call."""
        with self._lock:
            seconds, self.unreported_seconds = self.unreported_seconds, 0.0
            return seconds

    def reset(self) -> None:
        """Forget all charges."""
        with self._lock:
            self.remaining_seconds, self.unreported_seconds = self.capacity, 0.0

    def _refill(self) -> float:
        with self._lock:
            moment = monotonic()
            gain = self.rate * (moment - self.updated_at)
            self.remaining_seconds = min(self.capacity, self.remaining_seconds + gain)
            self.updated_at = moment
            return self.remaining_seconds


def process_rate(budget: Budget) -> float:
    """Return this process's part of the budget: processor seconds per second."""
    # Processes do not know each other's use, so each has an equal part.
    return budget.share * (os.cpu_count() or 1) / settings.WEB_WORKERS


@cache
def cpu_budget(name: str) -> CpuBudget:
    """Return this process's part of the named budget. Raises UnknownLimit."""
    budget = get_budget(name)
    return CpuBudget(budget, process_rate(budget))


def cpu_budgets() -> list[CpuBudget]:
    """Return this process's part of every budget."""
    return [cpu_budget(name) for name in declared_budgets()]


@contextmanager
def charged_to(name: str) -> Iterator[None]:
    """Charge the processor time inside the block to the named budget.

    It is that of this thread, and of children that worked for it.
    """
    start = thread_time() + child_seconds()
    try:
        yield
    finally:
        cpu_budget(name).charge(thread_time() + child_seconds() - start)

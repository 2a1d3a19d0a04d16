"""Spending processor time from a budget that everybody shares.

A limit for each caller does not hold against somebody with many addresses, and work that takes from
five milliseconds to half a second is not counted well in pieces. So the time itself is counted, in
each process, which may spend its part of the machine. Without a write, and exact within what the
requests take that are under way.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from time import monotonic, thread_time

from django.conf import settings

from foundation.limits.errors import RateLimited
from foundation.limits.rules import BUDGETS, Budget


@dataclass(slots=True)
class Purse:
    """What this process has left of a budget, in seconds of a processor. ``rate`` comes in with
    every second that passes. What is spent behind zero is a debt: it comes in first."""

    budget: Budget
    rate: float
    left: float = 0.0
    counted_at: float = field(default_factory=monotonic)
    spent: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.left = self.most

    @property
    def most(self) -> float:
        return self.rate * self.budget.saved

    def refuse_when_spent(self, *, leaving: float = 0.0) -> None:
        """``leaving``: the share of what can be saved that others may need."""
        missing = leaving * self.most - self._count()
        if missing >= 0:
            wait = max(1, ceil(missing / self.rate))
            raise RateLimited(
                f"Too many requests of this kind at the moment. Try again in {wait} s.",
                limit=self.budget.name,
                retry_after=wait,
            )

    def spend(self, seconds: float) -> None:
        with self._lock:
            self.left -= seconds
            self.spent += seconds

    def take_spent(self) -> float:
        """What was spent since the last time that somebody asked."""
        with self._lock:
            spent, self.spent = self.spent, 0.0
            return spent

    def _count(self) -> float:
        with self._lock:
            moment = monotonic()
            self.left = min(self.most, self.left + self.rate * (moment - self.counted_at))
            self.counted_at = moment
            return self.left


def part_of_a_process(budget: Budget) -> float:
    """Seconds of a processor in every second."""
    return budget.share * (os.cpu_count() or 1) / settings.WEB_WORKERS


PURSES = {name: Purse(budget, part_of_a_process(budget)) for name, budget in BUDGETS.items()}


def take_spent() -> Iterator[tuple[str, float]]:
    """What this process has spent of each budget since the last time that somebody asked."""
    for name, purse in PURSES.items():
        if purse.spent:
            yield name, purse.take_spent()


@contextmanager
def spending(name: str) -> Iterator[None]:
    """What this thread's processor time is inside is spent from the named budget."""
    began = thread_time()
    try:
        yield
    finally:
        PURSES[name].spend(thread_time() - began)

"""Counting uses of a limit in fixed windows."""

import threading
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from time import time

from django.db import transaction
from django.db.models import F

from foundation.clock import now
from foundation.limits.declarations import Limit
from foundation.limits.errors import RateLimited
from foundation.limits.models import LimitCounter

# Callers choose their addresses, so their number needs a bound.
MAX_KEYS = 20_000


@dataclass(frozen=True, slots=True)
class LimitUsage:
    """A caller's use of a limit in this window, which ends in ``reset`` seconds."""

    limit: Limit
    used_units: int
    reset: int

    @property
    def remaining(self) -> int:
        return max(0, self.limit.max_units - self.used_units)

    @property
    def wait(self) -> str:
        """The time until the next use in words: seconds, or minutes rounded up."""
        return f"{self.reset} s" if self.reset < 120 else f"{-(-self.reset // 60)} minutes"

    def require_within_limit(self) -> None:
        """Raise RateLimited if the caller used more than is allowed."""
        if self.used_units > self.limit.max_units:
            raise RateLimited(
                f"Rate limit reached: {self.limit.max_units:,} {_period(self.limit.seconds)}."
                f" Try again in {self.wait}.",
                limit=self.limit.name,
                retry_after=self.reset,
            )


def _period(seconds: int) -> str:
    words = {60: "a minute", 3600: "an hour"}
    return words.get(seconds) or f"in {seconds // 60} minutes"


def count_use(limit: Limit, caller: str, *, cost: int = 1) -> LimitUsage:
    """Count a use by ``caller`` as ``cost`` units. Does not refuse by itself.

    An exact limit counts in the transaction of the caller, so what is rolled back is not counted.
    """
    moment = time()
    # Fixed windows, not sliding ones: one row for each caller, and no times to keep (ADR 5).
    window = int(moment // limit.seconds)
    ends = (window + 1) * limit.seconds
    key = f"{limit.name}:{caller}:{window}"
    count = _count_exactly if limit.exact else _count_in_process
    used_units = count(limit, key, moment, ends, cost)
    return LimitUsage(limit, used_units, max(1, int(ends - moment + 0.999)))


def read_usage(limits: Collection[Limit], caller: str) -> dict[str, LimitUsage]:
    """Return the use of exact limits by name, without counting one. One query."""
    moment = time()
    windows = {limit: int(moment // limit.seconds) for limit in limits}
    keys = {f"{limit.name}:{caller}:{window}": limit for limit, window in windows.items()}
    counts = dict(LimitCounter.objects.filter(key__in=keys).values_list("key", "count"))
    return {
        limit.name: LimitUsage(
            limit,
            counts.get(key, 0),
            max(1, int((windows[limit] + 1) * limit.seconds - moment + 0.999)),
        )
        for key, limit in keys.items()
    }


def _count_exactly(limit: Limit, key: str, moment: float, ends: float, cost: int) -> int:
    """Count in the database; a caller whose limit is used up costs no further write."""
    known_units, _ = _counts.get(key, (0, ends))
    if known_units > limit.max_units:
        return _count_in_process(limit, key, moment, ends, cost)
    used_units = _count_in_database(key, ends, cost)
    # What other requests have stored stays until the window ends. This use may be undone, and then
    # a smaller one may still fit.
    if used_units - cost >= limit.max_units:
        _store_count(key, used_units, moment, ends)
    return used_units


@transaction.atomic
def _count_in_database(key: str, ends: float, cost: int) -> int:
    LimitCounter.objects.get_or_create(
        key=key, defaults={"ends_at": datetime.fromtimestamp(ends, UTC)}
    )
    # In SQL, because two requests that read and write in Python would count once.
    LimitCounter.objects.filter(key=key).update(count=F("count") + cost)
    return LimitCounter.objects.values_list("count", flat=True).get(key=key)


_counts: dict[str, tuple[int, float]] = {}
_lock = threading.Lock()


def _count_in_process(_limit: Limit, key: str, moment: float, ends: float, cost: int) -> int:
    with _lock:
        used_units = _counts.get(key, (0, ends))[0] + cost
        _make_room(moment)
        _counts[key] = (used_units, ends)
        return used_units


def _store_count(key: str, used_units: int, moment: float, ends: float) -> None:
    with _lock:
        _make_room(moment)
        _counts[key] = (used_units, ends)


def _make_room(moment: float) -> None:
    if len(_counts) < MAX_KEYS:
        return
    for key in [key for key, (_, ends) in _counts.items() if ends <= moment]:
        del _counts[key]
    if len(_counts) >= MAX_KEYS:
        # Under a flood of addresses, losing counts is cheaper than running out of memory.
        _counts.clear()


def delete_finished_windows() -> int:
    """Delete the counters of windows that have ended. Returns how many."""
    return LimitCounter.objects.filter(ends_at__lt=now()).delete()[0]


def reset_process_counts() -> None:
    """Forget the uses that this process has counted."""
    with _lock:
        _counts.clear()

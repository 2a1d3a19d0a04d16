"""Limits for the tasks in a child process."""

import time
from dataclasses import dataclass, replace
from math import ceil

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class TaskLimits:
    """Upper bounds. The kernel enforces `cpu_seconds` and `memory_bytes` in the child.

    `memory_bytes` is what a task may allocate beyond what the idle child has. `wall_seconds` also
    covers the start of a new child. `output_bytes` limits the encoded result.
    """

    cpu_seconds: int = 10
    wall_seconds: float = 60.0
    memory_bytes: int = 512 * MIB
    output_bytes: int = 64 * MIB


class SessionBudget:
    """Processor time and wall clock for all tasks of a session together."""

    def __init__(self, limits: TaskLimits) -> None:
        self._cpu_seconds = float(limits.cpu_seconds)
        self._deadline = time.monotonic() + limits.wall_seconds

    def limit_next(self, limits: TaskLimits) -> TaskLimits | None:
        """Returns the limits for the next task, or None if nothing is left."""
        wall_seconds = self._deadline - time.monotonic()
        if self._cpu_seconds <= 0 or wall_seconds <= 0:
            return None
        return replace(
            limits,
            cpu_seconds=min(limits.cpu_seconds, ceil(self._cpu_seconds)),
            wall_seconds=min(limits.wall_seconds, wall_seconds),
        )

    def charge(self, cpu_seconds: float) -> None:
        self._cpu_seconds -= cpu_seconds

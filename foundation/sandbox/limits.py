"""Limits for one task in a child process."""

from dataclasses import dataclass

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

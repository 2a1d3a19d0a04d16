"""The cost that the check of a package may have, and the finding when it has more."""

from foundation.sandbox.errors import StopReason
from foundation.sandbox.limits import MIB, TaskLimits
from registry.package.findings import Finding, new_finding

# A package of 100 MiB takes one to two seconds of processor time.
TASK_LIMITS = TaskLimits(
    cpu_seconds=10, wall_seconds=60.0, memory_bytes=512 * MIB, output_bytes=64 * MIB
)
REASONS: dict[StopReason, str] = {
    "time": "took too long",
    "memory": "needed too much memory",
    "output": "produced too much data",
    "crash": "broke off",
}


def costly_finding(reason: StopReason, place: str) -> Finding:
    """Returns the finding about the file that was being examined."""
    message = f"The check of this file {REASONS[reason]} and was stopped."
    return new_finding("package_too_costly", place, message)

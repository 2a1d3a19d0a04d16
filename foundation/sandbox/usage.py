"""Numbers of children for budgets and metrics: processor time and stopped tasks."""

import threading
from collections import Counter

# By thread, because each request has a thread and is charged for its own children.
_threads = threading.local()
_lock = threading.Lock()
_stopped_tasks: Counter[str] = Counter()


def child_seconds() -> float:
    """Returns the seconds that children worked for the calling thread until now."""
    seconds: float = getattr(_threads, "seconds", 0.0)
    return seconds


def add_child_seconds(seconds: float) -> None:
    _threads.seconds = child_seconds() + seconds


def count_stopped_task(reason: str) -> None:
    with _lock:
        _stopped_tasks[reason] += 1


def take_stopped_tasks() -> dict[str, int]:
    """Returns how many tasks were stopped since the last call, by reason."""
    if not _stopped_tasks:
        return {}
    with _lock:
        counts = dict(_stopped_tasks)
        _stopped_tasks.clear()
    return counts

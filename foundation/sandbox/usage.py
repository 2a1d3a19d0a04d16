"""Processor time that children used for a thread of their parent."""

import threading

_threads = threading.local()


def child_seconds() -> float:
    """Returns the seconds that children worked for the calling thread until now."""
    seconds: float = getattr(_threads, "seconds", 0.0)
    return seconds


def add_child_seconds(seconds: float) -> None:
    _threads.seconds = child_seconds() + seconds

"""Reasons for which the sandbox gives no result."""

from typing import Literal

StopReason = Literal["time", "memory", "output", "crash"]


class SandboxError(Exception):
    """Base class."""


class SandboxBusy(SandboxError):
    """The lane has as many sessions as it admits, or the wait took too long."""


class TaskStopped(SandboxError):
    """A task exceeded a limit or took its process down; the process is gone.

    `place` is what the task worked on last, as it reported by `working_on`; it may be empty.
    """

    def __init__(self, reason: StopReason, place: str) -> None:
        super().__init__(f"{reason} at {place or 'the beginning'}")
        self.reason: StopReason = reason
        self.place = place


class TaskFailed(SandboxError):
    """A task raised an exception, or its result has another type: a bug in the task.

    The message is the traceback.
    """

"""A session of the examiner, whose stopped tasks are refusals."""

import logging
from collections.abc import Callable, Sequence
from typing import BinaryIO, TypeVar

from foundation.refusals import Refusal
from foundation.sandbox.errors import TaskStopped
from foundation.sandbox.limits import TaskLimits
from foundation.sandbox.pool import Session, Task
from registry.sandbox import lanes

Argument = TypeVar("Argument")
Result = TypeVar("Result")

log = logging.getLogger("clawstore.sandbox")


class Examination:
    """A session of the examiner. A stopped task becomes a refusal."""

    def __init__(self, session: Session, refuse: Callable[[TaskStopped], Refusal]) -> None:
        self._session = session
        self._refuse = refuse

    def call(
        self,
        task: "Task[Argument, Result]",
        argument: Argument,
        files: Sequence[BinaryIO] = (),
        *,
        limits: TaskLimits | None = None,
    ) -> Result:
        try:
            return self._session.call(task, argument, files, limits=limits or lanes.LIMITS)
        except TaskStopped as error:
            # A task at its limits may be an attack, which the operator must be able to see.
            log.warning("Task %s was stopped: %s", task.__name__, error)
            raise self._refuse(error) from error

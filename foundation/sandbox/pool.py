"""The children of this process, and the lanes that limit how many work at once."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from typing import Any, BinaryIO, TypeVar, get_type_hints

from pydantic import ValidationError

from foundation.sandbox.errors import SandboxBusy, TaskFailed, TaskStopped
from foundation.sandbox.limits import SessionBudget, TaskLimits
from foundation.sandbox.messages import TaskRequest, json_codec
from foundation.sandbox.process import ChildProcess
from foundation.sandbox.usage import child_seconds, count_stopped_task

Argument = TypeVar("Argument")
Result = TypeVar("Result")
Task = Callable[[Any, Argument, Sequence[BinaryIO]], Result]
"""An unbound method of the class of tasks. The hints name the parameter `argument`."""

# What libraries leak or keep ends with the child.
MAX_SESSIONS_PER_CHILD = 100


class ChildPool:
    """Idle children of one class of tasks. Started when needed, replaced when used up."""

    def __init__(self, tasks: str) -> None:
        self.tasks = tasks
        self._idle: list[ChildProcess] = []
        self._lock = threading.Lock()
        os.register_at_fork(after_in_child=self._forget_children)

    def take(self) -> ChildProcess:
        """Returns an idle child that is alive, or a new one."""
        while True:
            with self._lock:
                child = self._idle.pop() if self._idle else None
            if child is None:
                return ChildProcess(self.tasks)
            if child.is_fresh():
                return child
            child.stop()

    def give_back(self, child: ChildProcess) -> None:
        child.sessions += 1
        if child.sessions >= MAX_SESSIONS_PER_CHILD or not child.may_be_reused:
            child.stop()
            return
        with self._lock:
            self._idle.append(child)

    def stop_idle(self) -> None:
        """Ends all children that are not at work."""
        with self._lock:
            children, self._idle = self._idle, []
        for child in children:
            child.stop()

    def _forget_children(self) -> None:
        # A fork must not talk to its parent's children, and must not keep them alive.
        self._lock = threading.Lock()
        for child in self._idle:
            child.let_go()
        self._idle = []


class Session:
    """Calls of tasks in one child, which keeps their state meanwhile."""

    _numbers = count()

    def __init__(self, pool: ChildPool, budget: SessionBudget | None = None) -> None:
        self._pool = pool
        self._budget = budget
        self._number = next(self._numbers)
        self._child: ChildProcess | None = None

    def call(
        self,
        task: "Task[Argument, Result]",
        argument: Argument,
        files: Sequence[BinaryIO] = (),
        *,
        limits: TaskLimits,
    ) -> Result:
        """Performs a task in the child and returns its result.

        The files must have descriptors; their positions do not move. Raises TaskStopped or
        TaskFailed, and then the session cannot be used any more. If the session has a budget, a
        task gets no more than what is left of it.
        """
        remainder = self._budget.limit_next(limits) if self._budget else limits
        if remainder is None:
            count_stopped_task("time")
            raise TaskStopped("time", "")
        begin = child_seconds()
        try:
            return self._perform(task, argument, files, remainder)
        finally:
            if self._budget:
                self._budget.charge(child_seconds() - begin)

    def _perform(
        self,
        task: "Task[Argument, Result]",
        argument: Argument,
        files: Sequence[BinaryIO],
        limits: TaskLimits,
    ) -> Result:
        hints = get_type_hints(task)
        request = TaskRequest(
            session=self._number,
            cpu_seconds=limits.cpu_seconds,
            memory_bytes=limits.memory_bytes,
            name=task.__name__,
            argument=json_codec(hints["argument"]).dump_json(argument, by_alias=True),
        )
        # Not ours during the task: after any exception the child is gone, and must not be given
        # back.
        child, self._child = self._child or self._pool.take(), None
        body = child.perform(request, [file.fileno() for file in files], limits)
        try:
            result: Result = json_codec(hints["return"]).validate_json(body)
        except ValidationError as error:
            child.stop()
            raise TaskFailed(str(error)) from error
        self._child = child
        return result

    def close(self) -> None:
        if self._child is not None:
            self._pool.give_back(self._child)
            self._child = None


class Lane:
    """Limits the sessions of one purpose, which would otherwise take all threads.

    At most `max_running` sessions are open, and at most `max_waiting` callers wait for one,
    each for at most `patience` seconds. An owner who has a place gets another only while one stays
    free for others.
    """

    def __init__(
        self, pool: ChildPool, *, max_running: int, max_waiting: int, patience: float
    ) -> None:
        self._pool = pool
        self._patience = patience
        self._sizes = (max_running, max_waiting)
        self._reset()
        os.register_at_fork(after_in_child=self._reset)

    def _reset(self) -> None:
        max_running, max_waiting = self._sizes
        self._free = max_running + max_waiting
        self._owners: Counter[Hashable] = Counter()
        self._lock = threading.Lock()
        self._turns = threading.BoundedSemaphore(max_running)

    @contextmanager
    def session(
        self, *, owner: Hashable = None, may_wait: bool = True, budget: TaskLimits | None = None
    ) -> Iterator[Session]:
        """Opens a session. Raises SandboxBusy.

        Without `may_wait` it leaves all places in the queue to others. `budget` limits all tasks
        of the session together; its time begins when the wait is over.
        """
        with self._place(owner, may_wait):
            if not self._turns.acquire(timeout=self._patience):
                raise SandboxBusy
            try:
                session = Session(self._pool, SessionBudget(budget) if budget else None)
                try:
                    yield session
                finally:
                    session.close()
            finally:
                self._turns.release()

    @contextmanager
    def _place(self, owner: Hashable, may_wait: bool) -> Iterator[None]:
        with self._lock:
            has_place = owner is not None and self._owners[owner] > 0
            _, waiting_places = self._sizes
            if self._free <= has_place or (not may_wait and self._free <= waiting_places):
                raise SandboxBusy
            self._free -= 1
            self._owners[owner] += 1
        try:
            yield
        finally:
            with self._lock:
                self._free += 1
                self._owners[owner] -= 1
                if not self._owners[owner]:
                    del self._owners[owner]

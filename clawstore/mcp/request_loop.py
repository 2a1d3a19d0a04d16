"""An event loop in the thread of one request.

Django refuses to work while the thread's loop runs. So the loop stops for each piece of blocking
work and goes on after it: the work has the request's thread, its connection and its transaction,
and no other thread is needed.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


_local = threading.local()


class RequestLoop:
    """Runs one coroutine, and blocking work between its steps."""

    def __init__(self) -> None:
        # The loop of a former request of this thread; to make one takes several system calls.
        loop = getattr(_local, "loop", None)
        self._loop: asyncio.AbstractEventLoop = loop or asyncio.new_event_loop()
        self._work: deque[tuple[Callable[[], Any], asyncio.Future[Any]]] = deque()

    def run_blocking(self, function: Callable[[], T]) -> Awaitable[T]:
        """Return what the function returns, once the loop has stopped for it."""
        future: asyncio.Future[T] = self._loop.create_future()
        self._work.append((function, future))
        self._loop.stop()
        return future

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end."""
        _local.loop = None
        task = self._loop.create_task(coroutine)
        try:
            task.add_done_callback(lambda _task: self._loop.stop())
            while not task.done():
                self._loop.run_forever()
                self._do_work()
            return task.result()
        finally:
            if task.done() and not asyncio.all_tasks(self._loop):
                _local.loop = self._loop
            else:
                # A task that goes on must not run in a later request.
                self._loop.close()

    def _do_work(self) -> None:
        while self._work:
            function, future = self._work.popleft()
            try:
                result = function()
            except Exception as error:
                future.set_exception(error)
            else:
                future.set_result(result)

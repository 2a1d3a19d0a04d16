"""A child process as its parent sees it."""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from foundation.sandbox.errors import StopReason, TaskFailed, TaskStopped
from foundation.sandbox.limits import TaskLimits
from foundation.sandbox.messages import (
    EXCEPTION,
    OUT_OF_MEMORY,
    STARTED,
    BrokenMessage,
    TaskRequest,
    receive_answer_header,
    receive_exactly,
    send_request,
)
from foundation.sandbox.place import PlacePage
from foundation.sandbox.usage import add_child_seconds, count_stopped_task

ROOT = Path(__file__).resolve().parents[2]
URGENT_SECONDS = 0.2
"""A task that uses more processor time goes on with low priority, behind all readers."""
LOW_PRIORITY = 15
IDLE_SECONDS = 300.0
"""A child that gets no request for this long ends, which frees its memory."""


class ChildProcess:
    """A started child. It ends by itself when this object or this process is gone."""

    def __init__(self, tasks: str) -> None:
        self._channel, other_end = socket.socketpair()
        self._page, page_file = PlacePage.create()
        self._used_at = time.monotonic()
        self.may_be_reused = True
        self.sessions = 0
        self._has_started = False
        descriptors = (other_end.fileno(), page_file.fileno())
        with other_end, page_file:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
                [sys.executable, "-E", "-s", "-m", "foundation.sandbox", tasks]
                + [str(number) for number in (*descriptors, IDLE_SECONDS)],
                cwd=ROOT,
                # None of our variables: some of them are secrets.
                env={"LC_ALL": "C.UTF-8", "TMPDIR": os.environ.get("TMPDIR", "/tmp")},  # noqa: S108
                stdin=subprocess.PIPE,  # The lifeline: nothing is ever written to it.
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=descriptors,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def is_fresh(self) -> bool:
        """Whether it is alive and will not end for being idle while it gets a request."""
        idle_seconds = time.monotonic() - self._used_at
        return idle_seconds < IDLE_SECONDS / 2 and self._process.poll() is None

    def perform(self, request: TaskRequest, files: Sequence[int], limits: TaskLimits) -> bytes:
        """Returns the encoded result. After any exception the child is gone."""
        # Or a crash would be blamed on a file of the task before.
        self._page.write("")
        begin = time.monotonic()
        try:
            return self._perform(request, files, limits, begin + limits.wall_seconds)
        except (TimeoutError, BrokenMessage, ConnectionError) as error:
            # The child cannot report what it used, which is at most the time that has passed.
            add_child_seconds(min(time.monotonic() - begin, limits.cpu_seconds))
            raise self._stopped("time" if isinstance(error, TimeoutError) else None) from None
        except BaseException:
            self.stop()
            raise

    def _perform(
        self, request: TaskRequest, files: Sequence[int], limits: TaskLimits, deadline: float
    ) -> bytes:
        self._channel.settimeout(limits.wall_seconds)
        send_request(self._channel, request, files)
        self._wait_for_start(deadline)
        self._wait_while_urgent(deadline)
        kind, seconds, length = receive_answer_header(self._channel, deadline)
        # The child reports its time itself, so the number is bounded by what the kernel allows.
        add_child_seconds(min(max(seconds, 0.0), limits.cpu_seconds))
        self._used_at = time.monotonic()
        # Before the body is read, which would fill the memory of the web process.
        if length > limits.output_bytes:
            raise self._stopped("output")
        body = receive_exactly(self._channel, length, deadline)
        if kind == OUT_OF_MEMORY:
            raise self._stopped("memory")
        if kind == EXCEPTION:
            raise TaskFailed(body.decode(errors="replace"))
        return body

    def _wait_for_start(self, deadline: float) -> None:
        """Waits until the child has loaded its tasks.

        That takes more processor time than most tasks, and counted as work on the first one it
        would make every new child slow and used up.
        """
        if not self._has_started:
            receive_exactly(self._channel, len(STARTED), deadline)
            self._has_started = True

    def _wait_while_urgent(self, deadline: float) -> None:
        """Waits for an answer, at most until the task has used up its urgent time."""
        begin, poll = self._used_seconds(), select.poll()
        poll.register(self._channel, select.POLLIN)
        while not poll.poll(URGENT_SECONDS * 1000) and time.monotonic() < deadline:
            if self._used_seconds() - begin > URGENT_SECONDS:
                with suppress(OSError):
                    os.setpriority(os.PRIO_PROCESS, self.pid, LOW_PRIORITY)
                # Only root may raise the priority again.
                self.may_be_reused = False
                return

    def _used_seconds(self) -> float:
        """Returns the processor time of the child, or on other systems that of a clock."""
        if sys.platform != "linux":
            return time.monotonic()
        # The clock of a process, as clock_getcpuclockid of the C library returns it.
        with suppress(OSError):
            return time.clock_gettime((~self.pid << 3) | 2)
        return 0.0

    def _stopped(self, reason: StopReason | None) -> TaskStopped:
        """Ends the child. Without a reason, its exit status tells why it ended itself."""
        place = self._page.read()
        if reason is None:
            # A process whose socket is closed is about to end; killing it would hide its status.
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(1)
            reason = "time" if self._process.returncode == -signal.SIGXCPU else "crash"
        self.stop()
        count_stopped_task(reason)
        return TaskStopped(reason, place)

    def stop(self) -> None:
        self._process.kill()
        # A process that nothing waits for stays as a zombie.
        self._process.wait()
        self.let_go()

    def let_go(self) -> None:
        """Closes this process's ends, without waiting for the child."""
        self._channel.close()
        if self._process.stdin:
            self._process.stdin.close()

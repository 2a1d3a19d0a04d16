"""Takes rights away from a child process before it sees untrusted bytes.

Limits that a system does not have are skipped: macOS ignores limits of address space, and the
time limits still end a task there.
"""

import fcntl
import os
import resource
import signal
import sys
import tempfile
import time
from contextlib import suppress
from math import ceil
from pathlib import Path

MAX_OPEN_FILES = 128
_NO_NEW_PRIVILEGES = 38


def die_with_parent(lifeline: int) -> None:
    """Lets the kernel end this process when the other end of a pipe is closed.

    This works however the parent ends, and also inside of a long computation. Linux can instead
    signal the death of a parent, but means the thread that started the child.
    """
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(lifeline, fcntl.F_GETFL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, flags | os.O_ASYNC)


def confine_process() -> None:
    """Gives up writing files and starting processes, and ignores polite signals."""
    # Ctrl-C reaches the whole group, but the parent may still wait for an answer.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.chdir("/")
    with suppress(OSError):
        # A folder that was deleted is empty and stays so: no file can be created in it.
        folder = tempfile.mkdtemp()
        os.chdir(folder)
        Path(folder).rmdir()
    # A core dump would write the package of a user to the disk.
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_NOFILE, MAX_OPEN_FILES)
    if sys.platform == "linux":
        import ctypes  # noqa: PLC0415 - only here, because a child starts in a blink

        ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)


def _limit(kind: int, value: int) -> None:
    with suppress(ValueError, OSError):
        resource.setrlimit(kind, (value, value))


def limit_task(*, cpu_seconds: int, memory_bytes: int) -> None:
    """Limits the work from now on. The hard limits stay, so each task gets new ones."""
    _limit_softly(resource.RLIMIT_CPU, ceil(time.process_time() + cpu_seconds))
    if sys.platform == "linux":
        _limit_softly(resource.RLIMIT_AS, _address_space() + memory_bytes)


def _limit_softly(kind: int, value: int) -> None:
    hard = resource.getrlimit(kind)[1]
    with suppress(ValueError, OSError):
        resource.setrlimit(kind, (value, hard))


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()

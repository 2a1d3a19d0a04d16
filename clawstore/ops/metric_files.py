"""Files of the metrics with reserved space: a full disk stops no process.

The library maps files of which no block is written yet. On a full disk the first write to such a
block kills the process with SIGBUS. Here the blocks are allocated first, and a full disk
raises an OSError, after which a number is not counted.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import settings

FOLDER = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(settings.DATA_DIR / "metrics")))
with suppress(OSError):  # Without its folder nothing is counted, and all else works.
    FOLDER.mkdir(parents=True, exist_ok=True)

# The library reads the variable above when it is imported, so these imports come after it.
from prometheus_client import values  # noqa: E402
from prometheus_client.mmap_dict import MmapedDict  # noqa: E402

INITIAL_BYTES = 1 << 16


class ReservedDict(MmapedDict):
    """The library's file of numbers, with all of its blocks allocated."""

    _capacity: int
    _used: int
    _f: Any

    def __init__(self, filename: str, read_mode: bool = False) -> None:
        if not read_mode:
            _reserve(filename)
        super().__init__(filename, read_mode)

    def _init_value(self, key: str) -> None:
        # Of a key: its length, padding, and two numbers, as the library writes them.
        needed_bytes = self._used + 4 + len(key.encode()) + 8 + 16
        capacity = self._capacity
        # The library doubles the file in the same steps; only the blocks are reserved here first.
        while needed_bytes > capacity:
            capacity *= 2
        if capacity > self._capacity:
            os.posix_fallocate(self._f.fileno(), 0, capacity)
        super()._init_value(key)


def _reserve(filename: str) -> None:
    descriptor = os.open(filename, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        size = max(os.fstat(descriptor).st_size, INITIAL_BYTES)
        os.posix_fallocate(descriptor, 0, size)
    except OSError:
        # A file without its blocks would be mapped the next time.
        os.truncate(filename, 0)
        os.unlink(filename)
        raise
    finally:
        os.close(descriptor)


def reserve_files() -> None:
    """Make the library use these files; call it before the first metric is made."""
    values.MmapedDict = ReservedDict  # type: ignore[attr-defined]

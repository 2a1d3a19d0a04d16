"""Files of a fixed size that a child fills, for results too large for a message.

A child may write no file. It maps one that its parent has made, and cannot make it longer.
"""

import mmap
import os
import sys
from tempfile import TemporaryFile
from typing import IO, BinaryIO


def create_memory_file(size: int) -> IO[bytes]:
    """Returns a file of zeros in memory; on systems other than Linux a temporary file."""
    if sys.platform == "linux":
        # A page of a full disk would end the process that writes to it.
        file: IO[bytes] = os.fdopen(os.memfd_create("output"), "w+b")
    else:
        file = TemporaryFile()  # noqa: SIM115 - the caller closes it
    file.truncate(size)
    return file


def reserve_file(size: int, *, folder: str) -> IO[bytes]:
    """Returns a temporary file of this size. Raises OSError on a full disk."""
    file = TemporaryFile(dir=folder)  # noqa: SIM115 - the caller closes it
    try:
        if sys.platform == "linux":
            os.posix_fallocate(file.fileno(), 0, size)
        else:
            file.truncate(size)
    except OSError:
        file.close()
        raise
    return file


class OutputFile:
    """A file of the parent, as a child fills it."""

    def __init__(self, file: BinaryIO) -> None:
        self._memory = mmap.mmap(file.fileno(), 0)

    def write(self, place: int, data: bytes) -> None:
        """Write bytes at an offset. Raises ValueError beyond the end of the file."""
        if place < 0 or place + len(data) > len(self._memory):
            raise ValueError("The output has no such place.")
        self._memory[place : place + len(data)] = data

    def close(self) -> None:
        self._memory.close()

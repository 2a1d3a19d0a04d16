"""Reads a file whose descriptor is shared with another process."""

import io
import os
from typing import BinaryIO, cast


class PositionalFile(io.RawIOBase):
    """A descriptor with a position of its own.

    Two processes that share an open file also share its position. The parent goes on reading the
    file, so the child must not move it.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._position = 0

    def fileno(self) -> int:
        return self._descriptor

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        data = os.pread(self._descriptor, len(buffer), self._position)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_CUR:
            offset += self._position
        elif whence == os.SEEK_END:
            offset += os.fstat(self._descriptor).st_size
        self._position = offset
        return offset

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()


def open_positional(descriptor: int) -> BinaryIO:
    """Returns a buffered stream from the beginning of the file."""
    return cast(BinaryIO, io.BufferedReader(PositionalFile(descriptor), 256 * 1024))

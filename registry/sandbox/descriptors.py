"""Streams that a child process can be given: files with a descriptor."""

import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, cast


@contextmanager
def with_descriptor(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Yields the stream, or a copy in a temporary file if it is no file on disk.

    A stream from a bucket is copied from where it is, because it can be read only once.
    """
    if _is_file(stream):
        yield stream
        return
    with tempfile.TemporaryFile() as copy:
        if stream.seekable():
            stream.seek(0)
        shutil.copyfileobj(stream, copy, 1024 * 1024)
        # The child reads by the descriptor, and does not get what is still in the buffer.
        copy.flush()
        yield cast(BinaryIO, copy)


def _is_file(stream: BinaryIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except OSError:
        return False

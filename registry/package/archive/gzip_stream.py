"""The one gzip member of a tarball as a stream of unpacked bytes, capped while it flows.

`gzip` and `tarfile` accept several members and ignore what follows the last one; two programs that
read such a file need not see the same package. So exactly one member is read here, to its end.
"""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from registry.package.limits import PackageLimits

CHUNK = 64 * 1024
BLOCK = 512


class Unreadable(Exception):
    """The archive is not one whole gzip member with one whole tar in it. The text says why."""


class TooLarge(Exception):
    """The archive is larger, packed or unpacked, than the limits allow. The text says how."""


class UnpackedStream:
    """Unpacked bytes, in order, once. Counts file content and tar framing separately."""

    def __init__(self, stream: BinaryIO, limits: PackageLimits) -> None:
        self._stream = stream
        self._limits = limits
        self._gzip = zlib.decompressobj(wbits=31)
        self._packed = 0
        self._content = 0
        self._framing = 0
        self._buffer = b""
        self._start = 0

    def block(self) -> bytes | None:
        """The next 512 bytes of framing, or None at the end of the stream."""
        self._count_framing(BLOCK)
        found = self._take(BLOCK)
        if not found:
            return None
        if len(found) < BLOCK:
            raise Unreadable("The tar is cut off in the middle of a block.")
        return found

    def framing(self, size: int) -> bytes:
        """Exactly `size` bytes of framing, padding to the next block not included."""
        self._count_framing(size)
        found = self._take(size)
        if len(found) < size:
            raise Unreadable("The tar is cut off in the middle of a header.")
        return found

    def content(self, size: int) -> Iterator[bytes]:
        """`size` bytes of a file, in chunks."""
        self._content += size
        if self._content > self._limits.unpacked_bytes:
            raise TooLarge(f"The files hold more than {self._limits.unpacked_bytes} bytes.")
        while size:
            # Whole chunks, however the bytes arrive: a file is judged by its first chunk, too.
            chunk = self._take(min(size, CHUNK))
            if len(chunk) < min(size, CHUNK):
                raise Unreadable("The tar is cut off in the middle of a file.")
            size -= len(chunk)
            yield chunk

    def _count_framing(self, size: int) -> None:
        self._framing += size
        if self._framing > self._limits.framing_bytes:
            raise TooLarge(f"Headers and padding exceed {self._limits.framing_bytes} bytes.")

    def _take(self, size: int) -> bytes:
        parts = []
        while size and (part := self._some(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _some(self, size: int) -> bytes:
        """Between 1 and `size` bytes, or none at the end."""
        if self._start >= len(self._buffer):
            self._buffer, self._start = self._unpack(), 0
        found = self._buffer[self._start : self._start + size]
        self._start += len(found)
        return found

    def _unpack(self) -> bytes:
        while not self._gzip.eof:
            packed = self._gzip.unconsumed_tail or self._read()
            unpacked = self._inflate(packed)
            if unpacked:
                return unpacked
            if not packed and not self._gzip.eof:
                raise Unreadable("The gzip stream is cut off.")
        if self._gzip.unused_data or self._stream.read(1):
            raise Unreadable("There are bytes after the end of the gzip stream.")
        return b""

    def _inflate(self, packed: bytes) -> bytes:
        try:
            return self._gzip.decompress(packed, CHUNK)
        except zlib.error:
            raise Unreadable("The file is not gzip, or its gzip stream is damaged.") from None

    def _read(self) -> bytes:
        packed = self._stream.read(CHUNK)
        self._packed += len(packed)
        if self._packed > self._limits.tarball_bytes:
            raise TooLarge(f"The tarball is larger than {self._limits.tarball_bytes} bytes.")
        if not packed and not self._packed:
            raise Unreadable("The file is empty.")
        return packed

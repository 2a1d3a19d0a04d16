"""Unpacks the gzip stream of a tarball while it is read, within size limits.

`gzip` and `tarfile` accept several gzip members and ignore bytes after the last one, so two
programs may see different packages in one file. This reader accepts exactly one member (ADR 7).
"""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from registry.package.archive.errors import ArchiveTooLarge, UnreadableArchive
from registry.package.limits import PackageLimits, format_bytes

CHUNK_BYTES = 64 * 1024
BLOCK_BYTES = 512
# First bytes, where they are, and the name that people know.
OTHER_FORMATS = (
    (b"PK\x03\x04", 0, "ZIP"),
    (b"PK\x05\x06", 0, "ZIP"),
    (b"7z\xbc\xaf\x27\x1c", 0, "7-Zip"),
    (b"Rar!", 0, "RAR"),
    (b"BZh", 0, "bzip2"),
    (b"\xfd7zXZ\x00", 0, "xz"),
    (b"\x28\xb5\x2f\xfd", 0, "Zstandard"),
    (b"ustar", 257, "tar without gzip"),
)


class UnpackedStream:
    """The unpacked bytes, readable once and in order.

    File content and framing (tar headers and padding) count against separate limits, because tar
    headers can claim any size: only the bytes that really arrive can be trusted.
    """

    def __init__(self, stream: BinaryIO, limits: PackageLimits) -> None:
        self._stream = stream
        self._limits = limits
        self._decompressor = zlib.decompressobj(wbits=31)
        self._packed_bytes = 0
        self._content_bytes = 0
        self._framing_bytes = 0
        self._buffer = b""
        self._position = 0

    def read_block(self) -> bytes | None:
        """Returns the next 512 bytes of framing, or None at the end of the stream."""
        self._count_framing(BLOCK_BYTES)
        block = self._read(BLOCK_BYTES)
        if not block:
            return None
        if len(block) < BLOCK_BYTES:
            raise UnreadableArchive("The tar is cut off in the middle of a block.")
        return block

    def read_framing(self, size: int) -> bytes:
        """Returns exactly `size` bytes of framing, without the padding after them."""
        self._count_framing(size)
        data = self._read(size)
        if len(data) < size:
            raise UnreadableArchive("The tar is cut off in the middle of a header.")
        return data

    def read_content(self, size: int) -> Iterator[bytes]:
        """Yields `size` bytes of a file, in chunks."""
        self._content_bytes += size
        if self._content_bytes > self._limits.unpacked_bytes:
            limit = format_bytes(self._limits.unpacked_bytes)
            raise ArchiveTooLarge(f"The unpacked files are larger than {limit} together.")
        while size:
            # Checks look at the first chunk of a file, so a chunk is full even if the bytes arrive
            # in small pieces.
            chunk = self._read(min(size, CHUNK_BYTES))
            if len(chunk) < min(size, CHUNK_BYTES):
                raise UnreadableArchive("The tar is cut off in the middle of a file.")
            size -= len(chunk)
            yield chunk

    def _count_framing(self, size: int) -> None:
        self._framing_bytes += size
        if self._framing_bytes > self._limits.framing_bytes:
            limit = format_bytes(self._limits.framing_bytes)
            raise ArchiveTooLarge(f"The headers and the padding of the tar exceed {limit}.")

    def _read(self, size: int) -> bytes:
        """Returns `size` unpacked bytes, or fewer at the end of the stream."""
        parts = []
        while size:
            if self._position >= len(self._buffer):
                self._buffer, self._position = self._unpack_chunk(), 0
            part = self._buffer[self._position : self._position + size]
            if not part:
                break
            self._position += len(part)
            size -= len(part)
            parts.append(part)
        return b"".join(parts)

    def _unpack_chunk(self) -> bytes:
        """Returns some unpacked bytes, or none at the end of the only gzip member."""
        while not self._decompressor.eof:
            packed_bytes = self._decompressor.unconsumed_tail or self._read_packed()
            try:
                # The second argument caps the output: a small input can unpack to gigabytes.
                data = self._decompressor.decompress(packed_bytes, CHUNK_BYTES)
            except zlib.error:
                raise UnreadableArchive(
                    "The file is not gzip, or its gzip stream is damaged."
                ) from None
            if data:
                return data
            if not packed_bytes and not self._decompressor.eof:
                raise UnreadableArchive("The gzip stream is cut off.")
        if self._decompressor.unused_data or self._stream.read(1):
            raise UnreadableArchive("There are bytes after the end of the gzip stream.")
        return b""

    def _read_packed(self) -> bytes:
        packed_bytes = self._stream.read(CHUNK_BYTES)
        if not self._packed_bytes:
            _refuse_other_formats(packed_bytes)
        self._packed_bytes += len(packed_bytes)
        if self._packed_bytes > self._limits.tarball_bytes:
            limit = format_bytes(self._limits.tarball_bytes)
            raise ArchiveTooLarge(f"The tarball is larger than {limit}.")
        if not packed_bytes and not self._packed_bytes:
            raise UnreadableArchive("The file is empty.")
        return packed_bytes


def _refuse_other_formats(start: bytes) -> None:
    """Says what to do with an archive of another kind, by its first bytes."""
    for prefix, offset, name in OTHER_FORMATS:
        if start.startswith(prefix, offset):
            way = " The publish page makes a package of a zip." if name == "ZIP" else ""
            raise UnreadableArchive(
                f"This is a {name} file. A package is a .tgz: run clawstore pack in the folder of"
                f" agent.json, or tar -czf ../package.tgz * there.{way}"
            )

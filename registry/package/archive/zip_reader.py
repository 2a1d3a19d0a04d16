"""Reads the members of a zip, each with its size and checksum proved (ADR 54)."""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from registry.package.archive.errors import ArchiveTooLarge, UnreadableArchive
from registry.package.archive.gzip_stream import CHUNK_BYTES
from registry.package.archive.members import Member
from registry.package.archive.zip_records import STORED, ZipEntry, read_entries
from registry.package.checks.paths import normalise_path, path_problem
from registry.package.limits import PackageLimits, format_bytes

_DAMAGED = "A file of the zip is damaged, or is not as large as the zip says."


class ZipReader:
    """An `Archive` in a zip, ordered by name.

    Only content that a caller asks for is unpacked.
    """

    def __init__(self, stream: BinaryIO, limits: PackageLimits) -> None:
        self._stream = stream
        self._limits = limits
        self._entry: ZipEntry | None = None
        self._content_bytes = 0

    def __iter__(self) -> Iterator[Member]:
        for entry in read_entries(self._stream, self._limits):
            self._entry = entry
            yield _to_member(entry)

    def content(self) -> Iterator[bytes]:
        entry, self._entry = self._entry, None
        if entry is None or entry.kind != "file":
            return
        self._content_bytes += entry.size
        if self._content_bytes > self._limits.unpacked_bytes:
            limit = format_bytes(self._limits.unpacked_bytes)
            raise ArchiveTooLarge(f"The unpacked files are larger than {limit} together.")
        size, checksum = 0, 0
        for chunk in self._unpack(entry):
            size += len(chunk)
            # Before the chunk is handed on: nothing may receive more than the zip announced.
            if size > entry.size:
                raise UnreadableArchive(_DAMAGED)
            checksum = zlib.crc32(chunk, checksum)
            yield chunk
        if (size, checksum) != (entry.size, entry.checksum):
            raise UnreadableArchive(_DAMAGED)

    def _unpack(self, entry: ZipEntry) -> Iterator[bytes]:
        if entry.method == STORED:
            yield from self._read_packed(entry)
            return
        decompressor = zlib.decompressobj(wbits=-15)
        for packed_bytes in self._read_packed(entry):
            if decompressor.eof:
                raise UnreadableArchive(_DAMAGED)
            pending = packed_bytes
            while pending and not decompressor.eof:
                try:
                    # The second argument caps the output of a small input.
                    chunk = decompressor.decompress(pending, CHUNK_BYTES)
                except zlib.error:
                    raise UnreadableArchive(_DAMAGED) from None
                pending = decompressor.unconsumed_tail
                if chunk:
                    yield chunk
        yield from self._flush(decompressor)

    def _flush(self, decompressor: "zlib._Decompress") -> Iterator[bytes]:
        while not decompressor.eof:
            try:
                chunk = decompressor.decompress(b"", CHUNK_BYTES)
            except zlib.error:
                raise UnreadableArchive(_DAMAGED) from None
            if not chunk:
                break
            yield chunk
        if not decompressor.eof or decompressor.unused_data:
            raise UnreadableArchive(_DAMAGED)

    def _read_packed(self, entry: ZipEntry) -> Iterator[bytes]:
        position, end = entry.start, entry.start + entry.packed_size
        while position < end:
            self._stream.seek(position)
            packed_bytes = self._stream.read(min(CHUNK_BYTES, end - position))
            if not packed_bytes:
                raise UnreadableArchive(_DAMAGED)
            position += len(packed_bytes)
            yield packed_bytes


def _to_member(entry: ZipEntry) -> Member:
    path = normalise_path(entry.name)
    if entry.kind == "folder":
        path = path.removesuffix("/")
        # Some programs write the folder itself.
        if path in ("", "."):
            return Member("", "folder", entry.mode, 0, None)
    problem = entry.problem or path_problem(path)
    return Member(path, entry.kind, entry.mode, entry.size if entry.kind == "file" else 0, problem)

"""The sources of an import, each as an `Archive`."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from registry.package.archive.errors import UnreadableArchive
from registry.package.archive.folder import list_entries, to_member
from registry.package.archive.gzip_stream import CHUNK_BYTES, UnpackedStream
from registry.package.archive.members import Archive, Member
from registry.package.archive.tar_reader import TarReader
from registry.package.archive.zip_reader import ZipReader
from registry.package.checks.paths import normalise_path, path_problem
from registry.package.imports.records import ImportRequest, SourcePart


class PartsReader:
    """An `Archive` in the files that a browser sends of a folder, ordered by name."""

    def __init__(self, stream: BinaryIO, parts: Sequence[SourcePart]) -> None:
        self._stream = stream
        self._parts = parts
        self._place: tuple[int, int] = (0, 0)

    def __iter__(self) -> Iterator[Member]:
        places, position = [], 0
        for part in self._parts:
            places.append((normalise_path(part.path), position, part.size))
            position += part.size
        for path, start, size in sorted(places):
            self._place = (start, size)
            yield Member(path, "file", 0o644, size, path_problem(path))

    def content(self) -> Iterator[bytes]:
        (position, size), self._place = self._place, (0, 0)
        self._stream.seek(position)
        yield from read_exactly(self._stream, size)


class TreeReader:
    """An `Archive` in a folder on disk, ordered by name. It follows no symbolic links."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._file: Path | None = None
        self._size = 0

    def __iter__(self) -> Iterator[Member]:
        for path, entry in sorted(list_entries(self._root), key=lambda item: item[0]):
            member = to_member(path, entry.stat(follow_symlinks=False))
            self._file, self._size = Path(entry.path), member.size
            yield member

    def content(self) -> Iterator[bytes]:
        if self._file is not None:
            with self._file.open("rb") as stream:
                yield from read_exactly(stream, self._size)


def read_exactly(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """Yields `size` bytes in chunks. Raises UnreadableArchive if there are fewer."""
    while size:
        chunk = stream.read(min(size, CHUNK_BYTES))
        if not chunk:
            raise UnreadableArchive("A file became shorter while it was read.")
        size -= len(chunk)
        yield chunk


def open_source(request: ImportRequest, stream: BinaryIO | None) -> Archive:
    """Returns a reader of a source, which can be used once. Raises ArchiveError."""
    if request.kind == "folder":
        return TreeReader(Path(request.folder))
    if stream is None:
        raise ValueError("The source has no stream.")
    stream.seek(0)
    if request.kind == "zip":
        return ZipReader(stream, request.limits)
    if request.kind == "parts":
        return PartsReader(stream, request.parts)
    return TarReader(UnpackedStream(stream, request.limits), request.limits)

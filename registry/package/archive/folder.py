"""Reads a package folder as the tarball that would be packed from it."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from registry.package.archive.errors import ArchiveTooLarge, TooManyFiles
from registry.package.archive.gzip_stream import CHUNK_BYTES
from registry.package.archive.members import Member, MemberKind
from registry.package.checks.globs import compile_globs
from registry.package.checks.paths import normalise_path, path_problem
from registry.package.limits import PackageLimits, format_bytes
from registry.package.manifest.schema import MANIFEST
from registry.package.manifest.strict_json import StrictJsonError, parse_json

MAX_ENTRIES = 200_000
"""Files and folders that are listed, whether the package includes them or not."""


class FolderReader:
    """An `Archive` in a folder. It does not follow symbolic links.

    The package includes agent.json and the files that its `files` patterns match.
    """

    def __init__(self, root: Path, limits: PackageLimits) -> None:
        self._root = root
        self._limits = limits
        self._file: Path | None = None
        self._unread_bytes = 0

    def __iter__(self) -> Iterator[Member]:
        is_included = compile_globs((MANIFEST, *self._read_patterns()))
        total_bytes = 0
        for path, entry in list_entries(self._root):
            if not is_included(path):
                continue
            member = to_member(path, entry.stat(follow_symlinks=False))
            total_bytes += member.size
            if total_bytes > self._limits.unpacked_bytes:
                limit = format_bytes(self._limits.unpacked_bytes)
                raise ArchiveTooLarge(f"The files are larger than {limit} together.")
            self._file, self._unread_bytes = Path(entry.path), member.size
            yield member

    def content(self) -> Iterator[bytes]:
        if self._file is None:
            return
        with self._file.open("rb") as stream:
            # The file may grow while it is read; the limits were checked for this size.
            while chunk := stream.read(min(self._unread_bytes, CHUNK_BYTES)):
                self._unread_bytes -= len(chunk)
                yield chunk

    def _read_patterns(self) -> list[str]:
        """Returns the `files` patterns of agent.json.

        If it has no readable list, all files are included, so that the author sees every finding
        at once. If there is no agent.json, none is.
        """
        manifest = self._root / MANIFEST
        # A link could lead out of the folder, and a pipe could be read for ever.
        if manifest.is_symlink() or not manifest.is_file():
            return []
        with manifest.open("rb") as stream:
            data = stream.read(self._limits.manifest_bytes)
        try:
            document = parse_json(data)
        except StrictJsonError:
            return ["**"]
        patterns = document.get("files") if isinstance(document, dict) else None
        if not isinstance(patterns, list) or not all(
            isinstance(pattern, str) for pattern in patterns
        ):
            return ["**"]
        return patterns or ["**"]


def list_entries(root: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Yields everything but folders below a root, with its path, ordered by name."""
    folders, entry_count = [""], 0
    while folders:
        folder = folders.pop()
        # By name, so that a folder gives the same findings on every disk.
        with os.scandir(root / folder) as iterator:
            entries = sorted(iterator, key=lambda entry: entry.name)
        entry_count += len(entries)
        if entry_count > MAX_ENTRIES:
            raise TooManyFiles(f"The folder has more than {MAX_ENTRIES:,} files and folders.")
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                folders.append(path)
            else:
                yield normalise_path(path), entry


def to_member(path: str, status: os.stat_result) -> Member:
    kind: MemberKind = "special"
    if stat.S_ISREG(status.st_mode):
        kind = "file"
    elif stat.S_ISLNK(status.st_mode):
        kind = "link"
    size = status.st_size if kind == "file" else 0
    return Member(path, kind, stat.S_IMODE(status.st_mode), size, path_problem(path))

"""Storage in a local folder. Files are written once and never changed.

A key contains the SHA-256 of its bytes: storing the same bytes twice is harmless, and different
bytes never have the same key.
"""

import io
import os
import secrets
import shutil
from pathlib import Path
from typing import BinaryIO, cast

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

COPY_CHUNK = 1024 * 1024


class FilePart(io.FileIO):
    """A part of a file, for one sequential read."""

    def __init__(self, path: Path, start: int, size: int) -> None:
        super().__init__(path)
        self.seek(start)
        self._remaining_bytes = size

    def read(self, size: int | None = -1, /) -> bytes:
        if size is None or not 0 <= size <= self._remaining_bytes:
            size = self._remaining_bytes
        data = super().read(size) or b""
        self._remaining_bytes -= len(data)
        return data


class FolderStorage(FileSystemStorage):
    """Atomic writes: a file is complete or absent, also if the process is killed."""

    def open_stream(self, key: str) -> BinaryIO:
        """Open the file for one sequential read. Raises FileNotFoundError."""
        return Path(self.path(key)).open("rb")

    def open_range(self, key: str, start: int, size: int) -> BinaryIO:
        """Open ``size`` bytes of the file from ``start``. Raises FileNotFoundError."""
        return cast(BinaryIO, FilePart(Path(self.path(key)), start, size))

    def free_bytes(self) -> int:
        """Return the free space of the disk."""
        folder = Path(self.location)
        folder.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(folder).free

    def require_writable(self, key: str) -> None:
        """Raise OSError if the folder takes no file.

        The file of this key is deleted at once. Nothing is synced, because that would wait until
        the disk has the bytes of all uploads.
        """
        path = Path(self.path(key))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.open("xb").close()
        path.unlink()

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: File) -> str:  # type: ignore[type-arg]
        target = Path(self.path(name))
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f".{secrets.token_hex(8)}.part")
        try:
            with draft.open("xb") as out:
                for chunk in content.chunks(COPY_CHUNK):
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        _sync_folder(target.parent)
        return name


def _sync_folder(folder: Path) -> None:
    # The database row is written next: the directory entry must survive a power cut before it.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

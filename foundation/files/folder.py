"""Storage in a local folder. Files are written once and never changed.

A key contains the SHA-256 of its bytes: storing the same bytes twice is harmless, and different
bytes never have the same key.
"""

import os
import secrets
import shutil
from pathlib import Path
from typing import BinaryIO

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage

COPY_CHUNK = 1024 * 1024


class FolderStorage(FileSystemStorage):
    """Atomic writes: a file is complete or absent, also if the process is killed."""

    def open_stream(self, key: str) -> BinaryIO:
        """Open the file for one sequential read. Raises FileNotFoundError."""
        return Path(self.path(key)).open("rb")

    def free_bytes(self) -> int:
        """Return the free space of the disk."""
        folder = Path(self.location)
        folder.mkdir(parents=True, exist_ok=True)
        return shutil.disk_usage(folder).free

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

"""Bytes go to the storage before the row that points to them is written.

The key carries the digest of the bytes: a concurrent loser cannot overwrite the winner's file, and
what a crash leaves behind is an orphan that `sweep_files` removes.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from django.core.files.base import File
from django.core.files.storage import default_storage

from registry.package.checks.images import CheckedAsset
from registry.package.manifest.schema import Manifest

CHUNK = 1024 * 1024
LONGEST_PART = 80
MOST_PARTS = 6


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Where bytes lie, and which: size in bytes, SHA-256 in lowercase hex."""

    key: str
    size: int
    sha256: str


def store_tarball(manifest: Manifest, stream: BinaryIO) -> StoredFile:
    size, sha256 = measure(stream)
    folder = f"tarballs/{manifest.scope}/{manifest.agent_name}"
    stored = StoredFile(f"{folder}/{manifest.version}.{sha256}.tgz", size, sha256)
    _save(stored.key, stream)
    return stored


def store_asset(manifest: Manifest, asset: CheckedAsset, stream: BinaryIO) -> StoredFile:
    folder = f"assets/{manifest.scope}/{manifest.agent_name}/{manifest.version}"
    stored = StoredFile(f"{folder}/{_key_path(asset)}", asset.size, asset.sha256)
    _save(stored.key, stream)
    return stored


def measure(stream: BinaryIO) -> tuple[int, str]:
    """Size and SHA-256 of a stream from its beginning."""
    stream.seek(0)
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()


def _save(key: str, stream: BinaryIO) -> None:
    stream.seek(0)
    default_storage.save(key, File(_KeptOpen(stream), name=key))  # type: ignore[arg-type]


class _KeptOpen:
    """A stream that a storage may read and seek, but not close: it is the caller's."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.read = stream.read
        self.seek = stream.seek
        self.tell = stream.tell
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self._stream.read(CHUNK):
            yield chunk

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        """Stays open."""


def _key_path(asset: CheckedAsset) -> str:
    """The asset's path, tame enough for every file system, with the digest before the ending."""
    parts = [re.sub(r"[^A-Za-z0-9._-]", "_", part)[:LONGEST_PART] for part in asset.path.split("/")]
    path = PurePosixPath(*parts[-MOST_PARTS:])
    return str(path.with_name(f"{path.stem}.{asset.sha256}{path.suffix}"))

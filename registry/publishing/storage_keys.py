"""Stores the bytes of a version under keys that contain their digest.

Of two publishes of one version at the same time, the one that loses cannot overwrite the file of
the winner. A crash leaves a file without a row, which `sweep_files` removes (ADR 3).
"""

import hashlib
import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO
from uuid import UUID

from django.core.files.base import File
from django.core.files.storage import default_storage

from registry.examiner.records import ManifestIdentity
from registry.package.checks.checked_image import CheckedAsset, ImagePart

CHUNK_BYTES = 1024 * 1024
MAX_KEY_PART = 80
MAX_KEY_PARTS = 6


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A file in the storage: its key, size in bytes and SHA-256 in lowercase hex."""

    key: str
    size: int
    sha256: str


def store_tarball(manifest: ManifestIdentity, stream: BinaryIO) -> StoredObject:
    prefix = f"tarballs/{manifest.scope}/{manifest.agent_name}/{manifest.version}."
    return _store_package(prefix, stream)


def store_import(user_id: UUID, stream: BinaryIO) -> StoredObject:
    """Stores the files of an import, of which a package is made later."""
    return _store_package(f"tarballs/_imports/{user_id}/", stream)


def _store_package(prefix: str, stream: BinaryIO) -> StoredObject:
    stream.seek(0)
    digest, size = hashlib.sha256(), 0
    while chunk := stream.read(CHUNK_BYTES):
        digest.update(chunk)
        size += len(chunk)
    sha256 = digest.hexdigest()
    key = f"{prefix}{sha256}.tgz"
    _save(key, stream)
    return StoredObject(key, size, sha256)


def store_asset(manifest: ManifestIdentity, asset: CheckedAsset, stream: BinaryIO) -> StoredObject:
    # The path comes from the author. It is only a hint for people who read the storage, so it may
    # be shortened to names that every file system accepts; the digest makes the key unique.
    parts = [re.sub(r"[^A-Za-z0-9._-]", "_", part)[:MAX_KEY_PART] for part in asset.path.split("/")]
    path = PurePosixPath(*parts[-MAX_KEY_PARTS:])
    name = path.with_name(f"{path.stem}.{asset.sha256}{path.suffix}")
    key = f"assets/{manifest.scope}/{manifest.agent_name}/{manifest.version}/{name}"
    with tempfile.TemporaryFile() as copy:
        _copy_parts(stream, asset.parts, copy)
        # An image with metadata is stored without it, so its bytes are not those that were sent.
        _save(key, copy if asset.parts else stream)
    return StoredObject(key, asset.size, asset.sha256)


def _copy_parts(stream: BinaryIO, parts: Sequence[ImagePart], copy: BinaryIO) -> None:
    for part in parts:
        copy.write(bytes.fromhex(part.inserted_bytes))
        stream.seek(part.start)
        copy.write(stream.read(part.end - part.start))


def _save(key: str, stream: BinaryIO) -> None:
    stream.seek(0)
    default_storage.save(key, File(_UnclosedStream(stream), name=key))  # type: ignore[arg-type]


class _UnclosedStream:
    """A stream that the storage cannot close, because the caller still needs it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.read = stream.read
        self.seek = stream.seek
        self.tell = stream.tell
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self._stream.read(CHUNK_BYTES):
            yield chunk

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        pass

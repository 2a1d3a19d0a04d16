"""Contents of large packages, unpacked once: a file is read from its place.

A gzip stream can only be read from its beginning: without this, each byte of a file would cost the
unpacking of all files before it. The unpacked contents have no row. They are made at the first
request, and `sweep_files` deletes them after a day.
"""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import IO, BinaryIO

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db.models import Sum

from foundation.files.space import require_free_space
from foundation.refusals import InsufficientStorage
from registry.models import Version, VersionFile
from registry.package.archive.gzip_stream import UnpackedStream
from registry.package.archive.tar_reader import TarReader
from registry.package.limits import LIMITS, MIB

FOLDER = "unpacked"
# Unpacking less than this costs no more than reading it from its place.
SMALL_BYTES = MIB
CHUNK_BYTES = 64 * 1024
# A thread unpacks at a time: a second request of the package finds the work done.
_lock = threading.Lock()


def read_from_place(version: Version, file: VersionFile) -> Iterator[bytes] | None:
    """The file's bytes from the unpacked package.

    None for a small package, and if there is no room to unpack it. Raises FileNotFoundError
    without the package, and ArchiveError.
    """
    siblings = VersionFile.objects.filter(version=version, rule_set=file.rule_set)
    sizes = siblings.aggregate(total=Sum("size_bytes"))
    if sizes["total"] <= SMALL_BYTES:
        return None
    if not file.size_bytes:
        return iter(())
    key = f"{FOLDER}/{version.tarball_sha256}.{file.rule_set}"
    before = siblings.filter(pk__lt=file.pk).aggregate(size=Sum("size_bytes"))
    place = before["size"] or 0
    try:
        return _chunks(_open_range(key, place, file.size_bytes))
    except FileNotFoundError:
        with _lock:
            if not default_storage.exists(key) and not _unpack(version, file.rule_set, key):
                return None
    return _chunks(_open_range(key, place, file.size_bytes))


def _open_range(key: str, start: int, size: int) -> BinaryIO:
    stream: BinaryIO = default_storage.open_range(key, start, size)  # type: ignore[attr-defined]
    return stream


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    with closing(stream):
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk


def _unpack(version: Version, rule_set: str, key: str) -> bool:
    """Store the contents in the order of their rows. False if there is no room."""
    places: dict[str, int] = {}
    end = 0
    rows = VersionFile.objects.filter(version=version, rule_set=rule_set).order_by("pk")
    for path, size in rows.values_list("path", "size_bytes"):
        places[path] = end
        end += size
    try:
        # Once for the temporary file and once for the stored one.
        require_free_space(2 * end)
    except InsufficientStorage:
        return False
    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as contents:
        _write_contents(version, places, contents)
        contents.seek(0)
        default_storage.save(key, File(contents, name=key))
    return True


def _write_contents(version: Version, places: dict[str, int], contents: IO[bytes]) -> None:
    stream: BinaryIO = default_storage.open_stream(version.tarball_r2_key)  # type: ignore[attr-defined]
    with closing(stream):
        reader = TarReader(UnpackedStream(stream, LIMITS), LIMITS)
        for member in reader:
            place = places.get(member.path) if member.kind == "file" else None
            if place is not None:
                contents.seek(place)
                for chunk in reader.content():
                    contents.write(chunk)

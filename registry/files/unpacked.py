"""Bytes of single files, which the sandbox unpacks.

A gzip stream can only be read from its beginning, so a byte of a file costs the unpacking of all
files before it. A large package is therefore unpacked once for all requests. The unpacked contents
have no row. They are made at the first request, and `sweep_files` deletes them after a day.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import BinaryIO, cast

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db.models import QuerySet, Sum

from foundation.files.space import is_disk_full, require_free_space
from foundation.refusals import InsufficientStorage
from foundation.sandbox.outputs import create_memory_file, reserve_file
from registry.errors import BytesMissing, FileTooLargeNow
from registry.examiner.records import UnpackRequest
from registry.models import Version, VersionFile
from registry.package.limits import LIMITS, MIB, PackageLimits
from registry.sandbox.readers import Unpack, unpack_for_reader

FOLDER = "unpacked"
# Unpacking less than this costs about as much as reading it from its place.
SMALL_BYTES = MIB
SMALL_LIMITS = replace(LIMITS, unpacked_bytes=SMALL_BYTES, framing_bytes=2 * MIB)
CHUNK_BYTES = 64 * 1024


def read_file(version: Version, file: VersionFile) -> Iterator[bytes]:
    """The file's bytes in chunks.

    Raises BytesMissing if the package is not stored, FilesBusy, and FileTooLargeNow if the disk
    has no space to unpack it.
    """
    if not file.size_bytes:
        return iter(())
    siblings = VersionFile.objects.filter(version=version, rule_set=file.rule_set)
    total = siblings.aggregate(total=Sum("size_bytes"))["total"]
    if total <= SMALL_BYTES:
        content = _unpack_one(version, file, SMALL_LIMITS)
        if content is not None:
            return _chunks(content)
    return _chunks(_open_unpacked(version, file, siblings))


def _open_unpacked(
    version: Version, file: VersionFile, siblings: QuerySet[VersionFile]
) -> BinaryIO:
    key = f"{FOLDER}/{version.tarball_sha256}.{file.rule_set}"
    before = siblings.filter(pk__lt=file.pk).aggregate(size=Sum("size_bytes"))
    place = before["size"] or 0
    try:
        return _open_range(key, place, file.size_bytes)
    except FileNotFoundError:
        pass
    with unpack_for_reader(is_large=True) as unpack:
        # A request before this one may have done it meanwhile.
        is_there = default_storage.exists(key) or _unpack_all(version, siblings, key, unpack)
    if not is_there:
        return _unpack_without_room(version, file)
    return _open_range(key, place, file.size_bytes)


def _unpack_without_room(version: Version, file: VersionFile) -> BinaryIO:
    if file.size_bytes > SMALL_BYTES:
        raise FileTooLargeNow
    content = _unpack_one(version, file, LIMITS)
    if content is None:
        raise BytesMissing
    return content


def _unpack_one(version: Version, file: VersionFile, limits: PackageLimits) -> BinaryIO | None:
    """One file in memory, or None if the package cannot be read within the limits."""
    content = create_memory_file(file.size_bytes)
    with unpack_for_reader(is_large=limits is LIMITS) as unpack, _open_tarball(version) as tarball:
        if unpack(UnpackRequest({file.path: 0}, limits), tarball, content):
            return cast(BinaryIO, content)
    content.close()
    return None


def _unpack_all(
    version: Version, siblings: QuerySet[VersionFile], key: str, unpack: Unpack
) -> bool:
    """Store the contents in the order of their rows. False if the disk is full."""
    places: dict[str, int] = {}
    total = 0
    for path, size in siblings.order_by("pk").values_list("path", "size_bytes"):
        places[path] = total
        total += size
    try:
        # Once for the temporary file and once for the stored one.
        require_free_space(2 * total)
        contents = reserve_file(total, folder=settings.FILE_UPLOAD_TEMP_DIR)
    except (InsufficientStorage, OSError) as error:
        if isinstance(error, InsufficientStorage) or is_disk_full(error):
            return False
        raise
    with contents, _open_tarball(version) as tarball:
        if not unpack(UnpackRequest(places), tarball, contents):
            raise BytesMissing
        default_storage.save(key, File(contents, name=key))
    return True


@contextmanager
def _open_tarball(version: Version) -> Iterator[BinaryIO]:
    """Open the stored package. Raises BytesMissing."""
    try:
        stream = default_storage.open_stream(version.tarball_r2_key)  # type: ignore[attr-defined]
    except FileNotFoundError as error:
        raise BytesMissing from error
    with closing(stream):
        yield stream


def _open_range(key: str, start: int, size: int) -> BinaryIO:
    stream: BinaryIO = default_storage.open_range(key, start, size)  # type: ignore[attr-defined]
    return stream


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    with closing(stream):
        while chunk := stream.read(CHUNK_BYTES):
            yield chunk

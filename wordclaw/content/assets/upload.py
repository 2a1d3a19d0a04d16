"""An uploaded asset, judged in a child process."""

import hashlib
import tempfile
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from django.conf import settings

from foundation.sandbox.errors import TaskStopped
from foundation.sandbox.limits import MIB, TaskLimits
from foundation.sandbox.pool import ChildPool, Lane
from wordclaw.content.assets.errors import (
    AssetTooLarge,
    AssetUnreadable,
    InvalidAssetUpload,
    UnsupportedAsset,
)
from wordclaw.content.assets.sizes import MAX_BYTES
from wordclaw.content.assets.tasks import AssetTasks
from wordclaw.content.models.assets import ASSET_NAME_LENGTH, AssetAccess

LIMITS = TaskLimits(
    cpu_seconds=10, wall_seconds=30.0, memory_bytes=768 * MIB, output_bytes=128 * MIB
)
# Drawing an image takes a second of a core, so one at a time leaves the other to readers.
POOL = ChildPool("wordclaw.content.assets.tasks:AssetTasks")
LANE = Lane(
    POOL,
    max_running=1,
    max_waiting=8,
    patience=20.0,
)
# A file is never in memory as a whole: eight uploads that wait would take 160 MiB.
CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class AssetUpload:
    """A file as it was sent. ``digest`` is of all that the request says."""

    file: BinaryIO
    name: str
    access: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class JudgedUpload:
    """A file that may be stored, open at its beginning, with what its bytes say."""

    file: BinaryIO
    name: str
    access: str
    content_type: str
    sha256: str
    size_bytes: int
    width: int | None
    height: int | None


def upload_of(sent_file: Any, *, name: str | None = None, access: str | None = None) -> AssetUpload:
    """Return the upload of a file that AssetFileHandler has read.

    ``name``: None or "" for the file's own name. ``access``: None for public. Raises AssetTooLarge
    or InvalidAssetUpload.
    """
    access = AssetAccess.PUBLIC if access is None else access
    if access not in AssetAccess.values:
        raise InvalidAssetUpload
    if (sent_file.size or 0) > MAX_BYTES:
        raise AssetTooLarge
    name = asset_name(name or sent_file.sent_path)
    file = cast(BinaryIO, sent_file.file)
    # The same bytes with another name or access are another request for an idempotency key.
    digest = hashlib.sha256(f"{name}\n{access}\n{digest_of(file)}".encode()).digest()
    return AssetUpload(file, name, access, digest)


def asset_name(file_name: str | None) -> str:
    """Return a file name in one line, without folders; "file" for an empty one."""
    # Some browsers and clients send the whole path of the sender's disk, with the user's name in
    # it.
    last = (file_name or "").replace("\\", "/").rpartition("/")[2]
    # Control and bidirectional characters could show an ending that the file does not have.
    printable = "".join(letter if letter.isprintable() else " " for letter in last)
    return " ".join(printable.split())[:ASSET_NAME_LENGTH] or "file"


def digest_of(file: BinaryIO) -> str:
    """Return the SHA-256 of a file in hexadecimal digits; it is left at its beginning."""
    file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK):
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def judge_upload(upload: AssetUpload, *, lane: Lane = LANE, owner: Hashable = None) -> JudgedUpload:
    """Return the file to store: an image encoded again, or the file as it is.

    ``owner``: the user or network whose share of the lane is limited. Raises UnsupportedAsset,
    AssetUnreadable or SandboxBusy.
    """
    with lane.session(owner=owner) as session:
        try:
            judgement = session.call(AssetTasks.judge, None, [upload.file], limits=LIMITS)
        except TaskStopped as error:
            raise AssetUnreadable(reason=error.reason) from error
    if judgement.problem == "type":
        raise UnsupportedAsset
    if judgement.problem:
        raise AssetUnreadable(reason=judgement.problem)
    file = _file_of(bytes.fromhex(judgement.image)) if judgement.image else upload.file
    return JudgedUpload(
        file=file,
        name=upload.name,
        access=upload.access,
        content_type=judgement.content_type,
        sha256=digest_of(file),
        size_bytes=_size_of(file),
        width=judgement.width or None,
        height=judgement.height or None,
    )


def _file_of(data: bytes) -> BinaryIO:
    file = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115 - closed with the request
    file.write(data)
    return cast(BinaryIO, file)


def _size_of(file: BinaryIO) -> int:
    size = file.seek(0, 2)
    file.seek(0)
    return size

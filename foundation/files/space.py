"""Free disk space that uploads leave alone, for the database, logs and metrics."""

import errno
import shutil

from django.conf import settings
from django.core.files.storage import default_storage

from foundation.refusals import InsufficientStorage

MIB = 1024 * 1024
DISK_FULL_ERRORS = (errno.ENOSPC, errno.EDQUOT)
# PostgreSQL's `disk_full` (SQLSTATE).
DISK_FULL = "53100"


def require_free_space(size: int) -> None:
    """Raise InsufficientStorage if ``size`` more bytes would use up the reserve.

    The reserve is ``settings.RESERVED_DISK_MIB``, on the disk of running uploads and on that of
    the stored files.
    """
    free = shutil.disk_usage(settings.FILE_UPLOAD_TEMP_DIR).free
    storage_free: int | None = default_storage.free_bytes()  # type: ignore[attr-defined]
    if storage_free is not None:
        free = min(free, storage_free)
    if free - size < settings.RESERVED_DISK_MIB * MIB:
        raise InsufficientStorage


def is_disk_full(error: BaseException) -> bool:
    """Whether an error, of the system or of a database, says that a disk is full."""
    if isinstance(error, OSError):
        return error.errno in DISK_FULL_ERRORS
    if getattr(error.__cause__, "sqlstate", None) == DISK_FULL:
        return True
    return "database or disk is full" in str(error)

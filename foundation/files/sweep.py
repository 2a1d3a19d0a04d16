"""Deletion of stored files that no row refers to."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage

from foundation.clock import now

MIN_AGE_HOURS = 1


@dataclass(frozen=True, slots=True)
class StoredFolder:
    """A folder of the storage. ``is_used`` tells whether a row refers to a key in it."""

    name: str
    is_used: Callable[[str], bool]


def delete_orphans(folders: Iterable[StoredFolder], *, older_than_hours: int) -> int:
    """Delete unused files of at least this age, and uploads of killed processes.

    The age protects a write in progress: it stores its files, which are then young, before it adds
    the rows. An age below one hour is raised to one hour. Returns the number of deleted files.
    """
    before = now() - timedelta(hours=max(older_than_hours, MIN_AGE_HOURS))
    count = 0
    for folder in folders:
        for key in _list_keys(folder.name):
            if not folder.is_used(key) and _is_older(key, before):
                default_storage.delete(key)
                count += 1
    return count + _delete_old_uploads(before)


def _list_keys(folder: str) -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        yield f"{folder}/{name}"
    for name in folders:
        yield from _list_keys(f"{folder}/{name}")


def _is_older(key: str, before: datetime) -> bool:
    try:
        return default_storage.get_modified_time(key) < before
    except FileNotFoundError:
        # The partial file of a write in progress, which has got its final name since.
        return False


def _delete_old_uploads(before: datetime) -> int:
    """Delete temporary files of requests whose process was killed."""
    paths = [
        path
        for path in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload*")
        if path.stat().st_mtime < before.timestamp()
    ]
    for path in paths:
        path.unlink(missing_ok=True)
    return len(paths)

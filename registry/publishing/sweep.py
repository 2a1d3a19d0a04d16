"""Removes stored files that no row points to."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage

from foundation.clock import now
from profiles.models import Profile
from registry.models import Draft, Version, VersionAsset

# The pictures for link previews have no rows. They are removed by age, and drawn again on request.
FOLDERS = ("tarballs", "assets", "avatars", "pictures")
MIN_AGE_HOURS = 1


def sweep_files(*, older_than_hours: int = 25) -> int:
    """Removes orphaned files of at least this age, and returns their number.

    The age protects a publish in progress: it stores its files, which are then young, before it
    adds the rows. An age below one hour is raised to one hour.
    """
    before = now() - timedelta(hours=max(older_than_hours, MIN_AGE_HOURS))
    removed_count = 0
    # One query for all drafts is enough: the images of a draft that is saved later are young.
    draft_images = {
        asset["r2_key"]
        for assets in Draft.objects.alive().values_list("assets", flat=True)
        for asset in assets
    }
    for folder in FOLDERS:
        for key in _list_keys(folder):
            if key not in draft_images and not _has_row(key) and _is_older(key, before):
                default_storage.delete(key)
                removed_count += 1
    return removed_count + _sweep_uploads(before)


def _list_keys(folder: str) -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        yield f"{folder}/{name}"
    for name in folders:
        yield from _list_keys(f"{folder}/{name}")


def _has_row(key: str) -> bool:
    return (
        Version.objects.filter(tarball_r2_key=key).exists()
        or VersionAsset.objects.filter(r2_key=key).exists()
        or Draft.objects.alive().filter(tarball_r2_key=key).exists()
        or Profile.objects.filter(picture_key=key).exists()
    )


def _is_older(key: str, before: datetime) -> bool:
    try:
        return default_storage.get_modified_time(key) < before
    except FileNotFoundError:
        # The partial file of a publish in progress, which has got its final name since.
        return False


def _sweep_uploads(before: datetime) -> int:
    """Removes temporary files of requests whose process was killed."""
    paths = [
        path
        for path in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload*")
        if path.stat().st_mtime < before.timestamp()
    ]
    for path in paths:
        path.unlink(missing_ok=True)
    return len(paths)

"""Orphans: stored files without a row."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage

from foundation.clock import now
from profiles.models import Profile
from registry.models import Draft, Version, VersionAsset

# Pictures for links are no row's: they go by the day, and are drawn again when asked for.
FOLDERS = ("tarballs", "assets", "avatars", "pictures")
SHORTEST_AGE_HOURS = 1


def sweep_files(*, older_than_hours: int = 25) -> int:
    """Remove files that no row points to and that no publish under way can still mean. Gives how
    many. A publish stores again what it needs, so its file is young; never less than an hour."""
    before = now() - timedelta(hours=max(older_than_hours, SHORTEST_AGE_HOURS))
    removed = 0
    # Looked up once: whoever keeps a draft later stores its pictures again, so those are young.
    pictures = _pictures_of_drafts()
    for folder in FOLDERS:
        for key in _keys(folder):
            if key not in pictures and not _is_needed(key) and _is_older(key, before):
                default_storage.delete(key)
                removed += 1
    return removed + _sweep_uploads(before)


def _sweep_uploads(before: datetime) -> int:
    """What a process that was killed left of the requests it was reading."""
    old = [
        path
        for path in Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*.upload*")
        if path.stat().st_mtime < before.timestamp()
    ]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _keys(folder: str) -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in files:
        yield f"{folder}/{name}"
    for name in folders:
        yield from _keys(f"{folder}/{name}")


def _is_older(key: str, before: datetime) -> bool:
    try:
        return default_storage.get_modified_time(key) < before
    except FileNotFoundError:
        return False  # A draft of a publish under way, which has its name by now.


def _pictures_of_drafts() -> set[str]:
    drafts = Draft.objects.alive().values_list("assets", flat=True)
    return {asset["r2_key"] for assets in drafts for asset in assets}


def _is_needed(key: str) -> bool:
    return (
        Version.objects.filter(tarball_r2_key=key).exists()
        or VersionAsset.objects.filter(r2_key=key).exists()
        or Draft.objects.alive().filter(tarball_r2_key=key).exists()
        or Profile.objects.filter(picture_key=key).exists()
    )

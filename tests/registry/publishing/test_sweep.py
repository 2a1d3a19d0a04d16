"""Orphans go, when they are old enough; nothing that a row points to ever does."""

import hashlib
import os
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.management import call_command

from foundation.actor import Actor
from foundation.clock import now
from foundation.files.folder import FolderStorage
from registry.agents.actions import delist_agent, yank_version
from registry.models import Agent, Draft
from registry.publishing.drafts import keep_draft
from registry.publishing.publish import publish_version
from registry.publishing.sweep import sweep_files
from tests.support.packages import manifest, tarball
from tests.support.uploads import ICON, icon, publish, upload

Files = Callable[[], list[str]]


def lie(folder: Path, key: str, *, hours: float) -> str:
    """Puts a file there that was last written so many hours ago."""
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"orphan")
    age(path, hours)
    return key


def age(path: Path, hours: float) -> None:
    moment = time.time() - hours * 3600
    os.utime(path, (moment, moment))


@pytest.fixture
def published(as_ada: Actor, storage_folder: Path, stored_files: Files) -> list[str]:
    """The keys of a version with a picture, all of them old."""
    publish_version(upload(manifest(store={"icon": ICON}), assets=(icon(),)), by=as_ada)
    for key in stored_files():
        age(storage_folder / key, 10_000)
    return stored_files()


def test_old_orphans_go_and_young_ones_stay(
    published: list[str], storage_folder: Path, stored_files: Files
) -> None:
    for key in (
        "tarballs/ada/planner/1.0.1.abc.tgz",
        "tarballs/ada/planner/.0123456789abcdef.part",
        "tarballs/nobody/x/1.0.0.abc.tgz",
        "assets/ada/planner/1.0.0/store/icon.abc.png",
    ):
        lie(storage_folder, key, hours=26)
    young = [
        lie(storage_folder, "tarballs/ada/planner/2.0.0.abc.tgz", hours=24.9),
        lie(storage_folder, "tarballs/ada/planner/.fedcba9876543210.part", hours=0),
    ]

    assert sweep_files() == 4

    assert stored_files() == sorted([*published, *young])


def test_what_a_row_points_to_stays_whatever_became_of_it(
    published: list[str], stored_files: Files, as_ada: Actor, as_root: Actor
) -> None:
    agent = Agent.objects.get()
    yank_version(agent, "1.0.0", reason=None, by=as_ada)
    delist_agent(agent, reason="Spam.", by=as_root)

    assert sweep_files(older_than_hours=1) == 0

    assert stored_files() == published


def test_what_lies_elsewhere_is_not_ours_to_remove(db: None, storage_folder: Path) -> None:
    lie(storage_folder, "exports/catalogue.json", hours=1000)

    assert sweep_files() == 0
    assert (storage_folder / "exports/catalogue.json").exists()


def test_never_less_than_an_hour(db: None, storage_folder: Path) -> None:
    key = lie(storage_folder, "tarballs/a/b/1.0.0.abc.tgz", hours=0.5)

    for hours in (0, -5, 1):
        assert sweep_files(older_than_hours=hours) == 0
    assert (storage_folder / key).exists()


def test_uploads_of_a_process_that_was_killed_go_too(
    db: None, tmp_path: Path, settings: Any
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    lie(tmp_path, "tmpabc.upload", hours=26)
    young = TemporaryUploadedFile("tarball", "application/gzip", 0, None)
    lie(tmp_path, "not-ours.txt", hours=1000)

    assert sweep_files() == 1

    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"not-ours.txt", Path(young.temporary_file_path()).name}
    young.close()


def test_an_empty_storage_is_swept(db: None) -> None:
    assert sweep_files() == 0


def test_an_orphan_that_is_published_after_all_stays(
    as_ada: Actor, storage_folder: Path, stored_files: Files
) -> None:
    """A crash left the file; the same publish comes again, and its row points to it."""
    digest = hashlib.sha256(tarball(None, manifest())).hexdigest()
    orphan = lie(storage_folder, f"tarballs/ada/planner/1.0.0.{digest}.tgz", hours=100)

    assert publish(as_ada).tarball_r2_key == orphan

    assert sweep_files() == 0
    assert stored_files() == [orphan]
    assert (storage_folder / orphan).read_bytes() == tarball(None, manifest())


def test_an_upload_that_waits_keeps_its_pictures_until_its_day_is_over(
    as_ada: Actor, storage_folder: Path, stored_files: Files
) -> None:
    keep_draft(upload(manifest(store={"icon": ICON}), assets=(icon(),)), by=as_ada)
    waiting = stored_files()
    assert [key.partition("/")[0] for key in waiting] == ["assets", "tarballs"]
    for key in waiting:
        age(storage_folder / key, 10_000)

    assert sweep_files(older_than_hours=1) == 0
    assert stored_files() == waiting

    Draft.objects.update(expires_at=now() - timedelta(seconds=1))
    assert sweep_files(older_than_hours=1) == 2
    assert stored_files() == []


def test_a_draft_that_becomes_a_file_meanwhile_stops_nothing(
    db: None, storage_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the listing and the look at it, a publish under way renames its draft."""
    draft = lie(storage_folder, "tarballs/a/b/.0123456789abcdef.part", hours=100)
    orphan = lie(storage_folder, "tarballs/z/z/1.0.0.abc.tgz", hours=100)
    look = FolderStorage.get_modified_time

    def renamed_before_the_look(storage: FolderStorage, key: str) -> datetime:
        (storage_folder / draft).unlink(missing_ok=True)
        return look(storage, key)

    monkeypatch.setattr(FolderStorage, "get_modified_time", renamed_before_the_look)

    assert sweep_files() == 1
    assert not (storage_folder / orphan).exists()


def test_the_command_says_how_many(db: None, storage_folder: Path) -> None:
    lie(storage_folder, "tarballs/a/b/1.0.0.abc.tgz", hours=50)
    said = StringIO()

    call_command("sweep_files", stdout=said)
    call_command("sweep_files", "--older-than-hours", "2", stdout=said)

    assert said.getvalue() == "1 orphaned files deleted.\n0 orphaned files deleted.\n"

"""The sweep removes old files without a row, and no others."""

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
from registry.publishing.actions import save_draft
from registry.publishing.publish import publish_version
from registry.publishing.sweep import sweep_files
from tests.support.packages import manifest, tarball
from tests.support.uploads import ICON, icon, publish, upload

Files = Callable[[], list[str]]


def write_old_file(folder: Path, key: str, *, hours: float) -> str:
    """Writes a file whose modification time is so many hours ago."""
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"orphan")
    age(path, hours)
    return key


def age(path: Path, hours: float) -> None:
    moment = time.time() - hours * 3600
    os.utime(path, (moment, moment))


@pytest.fixture
def published_files(as_ada: Actor, storage_folder: Path, stored_files: Files) -> list[str]:
    """The keys of a version with an icon, all of them old."""
    publish_version(upload(manifest(store={"icon": ICON}), assets=(icon(),)), by=as_ada)
    for key in stored_files():
        age(storage_folder / key, 10_000)
    return stored_files()


def test_old_orphan_is_removed_and_young_one_stays(
    published_files: list[str], storage_folder: Path, stored_files: Files
) -> None:
    for key in (
        "tarballs/ada/planner/1.0.1.abc.tgz",
        "tarballs/ada/planner/.0123456789abcdef.part",
        "tarballs/nobody/x/1.0.0.abc.tgz",
        "assets/ada/planner/1.0.0/store/icon.abc.png",
    ):
        write_old_file(storage_folder, key, hours=26)
    young = [
        write_old_file(storage_folder, "tarballs/ada/planner/2.0.0.abc.tgz", hours=24.9),
        write_old_file(storage_folder, "tarballs/ada/planner/.fedcba9876543210.part", hours=0),
    ]

    assert sweep_files() == 4

    assert stored_files() == sorted([*published_files, *young])


@pytest.mark.once
def test_file_of_a_yanked_or_delisted_version_stays(
    published_files: list[str], stored_files: Files, as_ada: Actor, as_root: Actor
) -> None:
    agent = Agent.objects.get()
    yank_version(agent, "1.0.0", reason=None, by=as_ada)
    delist_agent(agent, reason="Spam.", by=as_root)

    assert sweep_files(older_than_hours=1) == 0

    assert stored_files() == published_files


@pytest.mark.once
def test_file_in_another_folder_stays(db: None, storage_folder: Path) -> None:
    write_old_file(storage_folder, "exports/catalogue.json", hours=1000)

    assert sweep_files() == 0
    assert (storage_folder / "exports/catalogue.json").exists()


@pytest.mark.once
def test_minimum_age_is_one_hour(db: None, storage_folder: Path) -> None:
    key = write_old_file(storage_folder, "tarballs/a/b/1.0.0.abc.tgz", hours=0.5)

    for hours in (0, -5, 1):
        assert sweep_files(older_than_hours=hours) == 0
    assert (storage_folder / key).exists()


@pytest.mark.once
def test_temporary_upload_of_a_killed_process_is_removed(
    db: None, tmp_path: Path, settings: Any
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    write_old_file(tmp_path, "tmpabc.upload", hours=26)
    young = TemporaryUploadedFile("tarball", "application/gzip", 0, None)
    write_old_file(tmp_path, "not-ours.txt", hours=1000)

    assert sweep_files() == 1

    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"not-ours.txt", Path(young.temporary_file_path()).name}
    young.close()


@pytest.mark.once
def test_empty_storage_is_swept(db: None) -> None:
    assert sweep_files() == 0


@pytest.mark.once
def test_orphan_that_is_published_later_stays(
    as_ada: Actor, storage_folder: Path, stored_files: Files
) -> None:
    """A crash leaves the file; the same publish is repeated, and its row points to it."""
    digest = hashlib.sha256(tarball(None, manifest())).hexdigest()
    orphan = write_old_file(storage_folder, f"tarballs/ada/planner/1.0.0.{digest}.tgz", hours=100)

    assert publish(as_ada).tarball_r2_key == orphan

    assert sweep_files() == 0
    assert stored_files() == [orphan]
    assert (storage_folder / orphan).read_bytes() == tarball(None, manifest())


def test_files_of_a_draft_stay_until_it_expires(
    as_ada: Actor, storage_folder: Path, stored_files: Files
) -> None:
    save_draft(upload(manifest(store={"icon": ICON}), assets=(icon(),)), by=as_ada)
    files_before = stored_files()
    assert [key.partition("/")[0] for key in files_before] == ["assets", "tarballs"]
    for key in files_before:
        age(storage_folder / key, 10_000)

    assert sweep_files(older_than_hours=1) == 0
    assert stored_files() == files_before

    Draft.objects.update(expires_at=now() - timedelta(seconds=1))
    assert sweep_files(older_than_hours=1) == 2
    assert stored_files() == []


@pytest.mark.once
def test_file_that_disappears_during_the_sweep_is_skipped(
    db: None, storage_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between listing and checking, a publish in progress renames its partial file."""
    draft = write_old_file(storage_folder, "tarballs/a/b/.0123456789abcdef.part", hours=100)
    orphan = write_old_file(storage_folder, "tarballs/z/z/1.0.0.abc.tgz", hours=100)
    get_modified_time = FolderStorage.get_modified_time

    def rename_and_get_modified_time(storage: FolderStorage, key: str) -> datetime:
        (storage_folder / draft).unlink(missing_ok=True)
        return get_modified_time(storage, key)

    monkeypatch.setattr(FolderStorage, "get_modified_time", rename_and_get_modified_time)

    assert sweep_files() == 1
    assert not (storage_folder / orphan).exists()


@pytest.mark.once
def test_command_prints_the_number_of_removed_files(db: None, storage_folder: Path) -> None:
    write_old_file(storage_folder, "tarballs/a/b/1.0.0.abc.tgz", hours=50)
    output = StringIO()

    call_command("sweep_files", stdout=output)
    call_command("sweep_files", "--older-than-hours", "2", stdout=output)

    assert output.getvalue() == "1 orphaned files deleted.\n0 orphaned files deleted.\n"

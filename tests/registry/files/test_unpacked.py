"""One file of a large package costs one read from its place."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from foundation.actor import Actor
from registry.files import unpacked
from registry.models import Version, VersionFile
from registry.publishing.publish import publish_version
from registry.publishing.sweep import sweep_files
from tests.registry.files.conftest import API
from tests.support.packages import manifest
from tests.support.uploads import upload

Files = Callable[[], list[str]]
NOISE = random.Random(3)
LARGE = {f"data/{number:02}.txt": NOISE.randbytes(60_000).hex() for number in range(12)} | {
    "data/empty.txt": "",
    "data/last.txt": "the last one",
}


@pytest.fixture
def large_version(as_ada: Actor) -> Version:
    return publish_version(upload(manifest(), files=LARGE), by=as_ada)


def read(client: Client, path: str) -> bytes:
    answer = client.get(f"{API}/{path}")
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_every_file_is_read_as_it_was_published(large_version: Version, client: Client) -> None:
    for path, text in LARGE.items():
        assert read(client, path) == text.encode(), path
    rows = VersionFile.objects.filter(version=large_version)
    for path, size in rows.values_list("path", "size_bytes"):
        assert len(read(client, path)) == size, path


@pytest.mark.once
def test_package_is_unpacked_once(
    large_version: Version, client: Client, stored_files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stored_files()
    read(client, "data/05.txt")
    assert len(stored_files()) == len(before) + 1

    monkeypatch.setattr(unpacked, "unpack_for_reader", None)

    assert read(client, "data/last.txt") == b"the last one"
    assert read(client, "data/00.txt") == LARGE["data/00.txt"].encode()


@pytest.mark.once
def test_small_package_is_not_stored_unpacked(
    version: Version, client: Client, stored_files: Files
) -> None:
    before = stored_files()

    assert read(client, "data/trick.txt")

    assert stored_files() == before


def test_without_room_the_file_is_still_read(
    large_version: Version, client: Client, stored_files: Files, settings: Any
) -> None:
    before = stored_files()
    settings.RESERVED_DISK_MIB = 10**9

    assert read(client, "data/last.txt") == b"the last one"
    assert stored_files() == before


@pytest.mark.once
def test_sweep_deletes_unpacked_packages(
    large_version: Version, client: Client, stored_files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = stored_files()
    read(client, "data/last.txt")

    monkeypatch.setattr("foundation.files.sweep._is_older", lambda key, before: True)
    sweep_files()

    assert stored_files() == before
    assert read(client, "data/last.txt") == b"the last one"

"""Fixtures that give every test its own file storage."""

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def use_storage(settings: Any) -> Callable[[Path], Path]:
    """``use_storage(folder)`` makes this folder the file storage from now on."""

    def use(folder: Path) -> Path:
        options = {"location": str(folder)}
        backend = {"BACKEND": "foundation.files.folder.FolderStorage", "OPTIONS": options}
        settings.STORAGES = settings.STORAGES | {"default": backend}
        return folder

    return use


_numbers = count()


@pytest.fixture(scope="session")
def folder_of_storages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("storages")


@pytest.fixture(autouse=True)
def storage_folder(folder_of_storages: Path, use_storage: Callable[[Path], Path]) -> Path:
    """The folder of this test's file storage.

    It is made by the first write. To make `tmp_path` of a test, pytest lists those of all others.
    """
    return use_storage(folder_of_storages / str(next(_numbers)))


@pytest.fixture
def stored_files(storage_folder: Path) -> Callable[[], list[str]]:
    """The keys of all stored files, drafts included."""

    def keys() -> list[str]:
        files = (path for path in storage_folder.rglob("*") if path.is_file())
        return sorted(str(path.relative_to(storage_folder)) for path in files)

    return keys

"""Fixtures that give every test its own file storage."""

from collections.abc import Callable
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


@pytest.fixture(autouse=True)
def storage_folder(tmp_path: Path, use_storage: Callable[[Path], Path]) -> Path:
    """The folder of this test's file storage."""
    return use_storage(tmp_path / "stored")


@pytest.fixture
def stored_files(storage_folder: Path) -> Callable[[], list[str]]:
    """The keys of all stored files, drafts included."""

    def keys() -> list[str]:
        files = (path for path in storage_folder.rglob("*") if path.is_file())
        return sorted(str(path.relative_to(storage_folder)) for path in files)

    return keys

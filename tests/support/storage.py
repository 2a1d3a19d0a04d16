"""Fixtures that give every test its own file storage."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def storage_folder(tmp_path: Path, settings: Any) -> Path:
    """The folder of this test's file storage."""
    folder = tmp_path / "files"
    backend = {
        "BACKEND": "foundation.files.folder.FolderStorage",
        "OPTIONS": {"location": str(folder)},
    }
    settings.STORAGES = settings.STORAGES | {"default": backend}
    return folder


@pytest.fixture
def stored_files(storage_folder: Path) -> Callable[[], list[str]]:
    """The keys of all stored files, drafts included."""

    def keys() -> list[str]:
        files = (path for path in storage_folder.rglob("*") if path.is_file())
        return sorted(str(path.relative_to(storage_folder)) for path in files)

    return keys

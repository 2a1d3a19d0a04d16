"""A storage of its own for every test, so that what lies in it can be counted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def storage_folder(tmp_path: Path, settings: Any) -> Path:
    """Where the files of this test lie."""
    folder = tmp_path / "files"
    backend = {"BACKEND": "registry.storage.FolderStorage", "OPTIONS": {"location": str(folder)}}
    settings.STORAGES = settings.STORAGES | {"default": backend}
    return folder


@pytest.fixture
def stored_files(storage_folder: Path) -> Callable[[], list[str]]:
    """The keys of everything in the storage, drafts included."""

    def listed() -> list[str]:
        found = (path for path in storage_folder.rglob("*") if path.is_file())
        return sorted(str(path.relative_to(storage_folder)) for path in found)

    return listed

"""A storage of its own for every test, so that what lies in it can be counted."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def use_storage(settings: Any) -> Callable[[Path], Path]:
    """Let the shop keep its files in this folder from now on."""

    def use(folder: Path) -> Path:
        options = {"location": str(folder)}
        backend = {"BACKEND": "foundation.files.folder.FolderStorage", "OPTIONS": options}
        settings.STORAGES = settings.STORAGES | {"default": backend}
        return folder

    return use


@pytest.fixture
def storage_folder(tmp_path: Path, use_storage: Callable[[Path], Path]) -> Path:
    """Where the files of this test lie."""
    return use_storage(tmp_path / "stored")

"""A storage of its own for every test that asks for one."""

from tests.registry.conftest import storage_folder, stored_files

__all__ = ["storage_folder", "stored_files"]

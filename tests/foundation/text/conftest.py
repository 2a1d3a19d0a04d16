from tests.support.storage import storage_folder, stored_files

__all__ = ["storage_folder", "stored_files"]

from tests.support.storage import storage_folder

__all__ = ["storage_folder"]

"""Files of a form: where no view asks for them, none is stored."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class DiscardFiles(FileUploadHandler):
    """Skips every file of a form, so that a stranger's form stores nothing."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        raise SkipFile

    def file_complete(self, file_size: int) -> "UploadedFile[bytes] | None":
        return None

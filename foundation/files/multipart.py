"""Reads the files of a multipart body to disk, up to the limit of their kind.

A file that exceeds its limit is read to its end and discarded, so that the client receives the
refusal instead of a broken connection. Reading starts when the view asks for it, after the
credential and the rate limit were checked.
"""

import tempfile
from abc import ABC, abstractmethod
from typing import Any

from django.conf import settings
from django.core.exceptions import TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from foundation.files.space import require_free_space

# So often the disk is asked while files grow, in bytes of the whole request: all threads together
# may use up so much of the reserve.
SPACE_INTERVAL = 1024 * 1024


class LimitedFileHandler(FileUploadHandler, ABC):
    """Writes each file to the upload folder, up to ``max_bytes_of`` its field."""

    chunk_size = 256 * 1024
    max_files = 40
    """Each file is open until the end of the request."""
    file_count = 0
    unasked_bytes = 0
    """Written since the disk was asked, in all files: each of many small ones asks too rarely."""

    @abstractmethod
    def max_bytes_of(self, field_name: str) -> int:
        """The largest size of a file in this field of the form."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file_count += 1
        if self.file_count > self.max_files:
            raise TooManyFilesSent(f"The form has more than {self.max_files} files.")
        self.max_bytes = self.max_bytes_of(str(self.field_name))
        # A file without a name is gone with the process, however that ends.
        nameless = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115 - closed with the request
        self.file = UploadedFile(nameless, "upload", self.content_type, 0, None)
        self.file.sent_path = self.file_name  # type: ignore[attr-defined]
        self.written_bytes = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        # One chunk more than allowed is written, so that later checks see an oversized file.
        if self.written_bytes <= self.max_bytes:
            self.count_written(len(raw_data))
            self.file.write(raw_data)
            self.written_bytes += len(raw_data)

    def count_written(self, size: int) -> None:
        """Asks the disk for space from time to time. Raises InsufficientStorage."""
        if self.unasked_bytes >= SPACE_INTERVAL:
            self.unasked_bytes = 0
            require_free_space(0)
        self.unasked_bytes += size

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()

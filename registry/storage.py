"""Where packages lie: a folder, or a bucket that speaks S3.

A stored file is never changed. Its key names its own SHA-256, so storing the same bytes twice is
harmless and other bytes cannot come under the same key.
"""

import os
import secrets
from pathlib import Path
from typing import Any, BinaryIO, cast

from botocore.exceptions import ClientError
from django.core.files.base import File
from django.core.files.storage import FileSystemStorage
from storages.backends.s3 import S3Storage

COPY_CHUNK = 1024 * 1024


class FolderStorage(FileSystemStorage):
    """A file appears under its name whole or not at all, also when the process dies."""

    def open_stream(self, key: str) -> BinaryIO:
        """The bytes under ``key``, to be read once from the beginning."""
        return Path(self.path(key)).open("rb")

    def get_available_name(self, name: str, max_length: int | None = None) -> str:
        return name

    def _save(self, name: str, content: File) -> str:  # type: ignore[type-arg]
        final = Path(self.path(name))
        final.parent.mkdir(parents=True, exist_ok=True)
        draft = final.with_name(f".{secrets.token_hex(8)}.part")
        try:
            with draft.open("xb") as out:
                for chunk in content.chunks(COPY_CHUNK):
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
            draft.replace(final)
        finally:
            draft.unlink(missing_ok=True)
        _sync_folder(final.parent)
        return name


def _sync_folder(folder: Path) -> None:
    # The row that points here is written next; the name must survive a power cut before it does.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class BucketStorage(S3Storage):  # type: ignore[misc]
    """S3 writes are whole or absent by themselves."""

    def open_stream(self, key: str) -> BinaryIO:
        """The bytes under ``key`` as they arrive, never the whole file in memory or on disk."""
        try:
            answer = self.connection.meta.client.get_object(Bucket=self.bucket_name, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                raise FileNotFoundError(key) from error
            raise  # Access denied, a wrong bucket: ours to mend, and not an absent file.
        return cast(BinaryIO, answer["Body"])

    def get_default_settings(self) -> dict[str, Any]:
        defaults: dict[str, Any] = super().get_default_settings()
        return defaults | {
            "file_overwrite": True,
            "querystring_auth": True,
            "default_acl": None,
        }

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        # Without a type of our own, a key that ends in .tgz would be given Content-Encoding: gzip;
        # clients would unpack it and the checksum would not match.
        kind = "application/gzip" if name.endswith(".tgz") else "application/octet-stream"
        given: dict[str, Any] = super().get_object_parameters(name)
        return given | {"ContentType": kind}

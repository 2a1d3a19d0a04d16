"""Storage in an S3 bucket."""

from typing import Any, BinaryIO, cast

from botocore.exceptions import ClientError
from storages.backends.s3 import S3Storage


class BucketStorage(S3Storage):  # type: ignore[misc]
    """Files in a bucket. S3 writes are atomic, so no draft file is needed."""

    def open_stream(self, key: str) -> BinaryIO:
        """Open the object for one sequential read. Raises FileNotFoundError.

        The bytes are read as they arrive: the file is never held in memory or on disk.
        """
        try:
            response = self.connection.meta.client.get_object(Bucket=self.bucket_name, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                raise FileNotFoundError(key) from error
            raise  # Access denied or a wrong bucket is an operator's mistake, not a missing file.
        return cast(BinaryIO, response["Body"])

    def free_bytes(self) -> None:
        """Return None: a bucket has no disk of ours."""

    def get_default_settings(self) -> dict[str, Any]:
        defaults: dict[str, Any] = super().get_default_settings()
        return defaults | {
            "file_overwrite": True,
            "querystring_auth": True,
            "default_acl": None,
        }

    def get_object_parameters(self, name: str) -> dict[str, Any]:
        # Without an explicit type the library sets Content-Encoding: gzip on .tgz keys. Clients
        # would then unpack the file, and its checksum would not match.
        content_type = "application/gzip" if name.endswith(".tgz") else "application/octet-stream"
        parameters: dict[str, Any] = super().get_object_parameters(name)
        return parameters | {"ContentType": content_type}

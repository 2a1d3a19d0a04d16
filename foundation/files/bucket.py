"""Storage in an S3 bucket."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any, BinaryIO, cast

from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionError, HTTPClientError
from storages.backends.s3 import S3Storage

from foundation.files.errors import StorageAway

# Seconds. The library waits three minutes for a silent bucket by default.
TIMEOUTS = Config(
    connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 2, "mode": "standard"}
)
# Seconds after which a client should ask again, and in which nothing asks a silent bucket.
RETRY_AFTER = 5
PAUSE = 3.0

_away_until = 0.0


@contextmanager
def refusing_absence() -> Iterator[None]:
    """Raise StorageAway if the bucket does not answer, and for some time afterwards."""
    global _away_until
    if monotonic() < _away_until:
        raise StorageAway(retry_after=RETRY_AFTER)
    try:
        yield
    except (ConnectionError, HTTPClientError) as error:
        _away_until = monotonic() + PAUSE
        raise StorageAway(retry_after=RETRY_AFTER) from error


class BucketStorage(S3Storage):  # type: ignore[misc]
    """Files in a bucket. S3 writes are atomic, so no draft file is needed."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        config: Config = self.client_config  # type: ignore[has-type]
        self.client_config = config.merge(TIMEOUTS)

    def open_stream(self, key: str) -> BinaryIO:
        """Open the object for one sequential read. Raises FileNotFoundError.

        The bytes are read as they arrive: the file is never held in memory or on disk.
        """
        return self._open(key)

    def open_range(self, key: str, start: int, size: int) -> BinaryIO:
        """Open ``size`` bytes of the object from ``start``. Raises FileNotFoundError."""
        return self._open(key, Range=f"bytes={start}-{start + size - 1}")

    def link_to(self, key: str, *, seconds: int, content_type: str, disposition: str) -> str:
        """A signed address from which anyone may read the object for some seconds.

        It is computed here: the bucket is not asked, not even whether it has the object.
        """
        link: str = self.connection.meta.client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self.bucket_name,
                "Key": key,
                "ResponseContentType": content_type,
                "ResponseContentDisposition": disposition,
            },
            ExpiresIn=seconds,
        )
        return link

    def _open(self, key: str, **options: str) -> BinaryIO:
        try:
            with refusing_absence():
                client = self.connection.meta.client
                response = client.get_object(Bucket=self.bucket_name, Key=key, **options)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                raise FileNotFoundError(key) from error
            raise  # Access denied or a wrong bucket is an operator's mistake, not a missing file.
        return cast(BinaryIO, response["Body"])

    def _save(self, name: str, content: Any) -> str:
        with refusing_absence():
            return str(super()._save(name, content))

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

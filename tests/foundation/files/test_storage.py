"""File storage: a folder and a bucket behave in the same way."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.base import ContentFile, File

from foundation.files.bucket import BucketStorage
from foundation.files.folder import FolderStorage
from tests.support.packages import tarball
from tests.support.servers.s3 import Bucket

KEY = "tarballs/ada/planner/1.0.0.abc.tgz"


@pytest.fixture(params=["folder", pytest.param("bucket", marks=pytest.mark.s3)])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    if request.param == "folder":
        return FolderStorage(location=str(tmp_path / "store"))
    return BucketStorage(**request.getfixturevalue("bucket").options)


def read(storage: Any, key: str) -> bytes:
    with storage.open_stream(key) as stream:
        return stream.read()


@pytest.mark.once
def test_stored_bytes_are_read_unchanged(storage: Any) -> None:
    data = tarball()

    assert storage.save(KEY, ContentFile(data)) == KEY

    assert read(storage, KEY) == data
    assert storage.exists(KEY)
    assert storage.size(KEY) == len(data)


@pytest.mark.once
@pytest.mark.parametrize(("start", "size"), [(0, 3), (4, 5), (9, 1), (0, 10)])
def test_part_of_a_file_is_read_from_its_place(storage: Any, start: int, size: int) -> None:
    storage.save(KEY, ContentFile(b"0123456789"))

    with storage.open_range(KEY, start, size) as part:
        assert part.read(2) + part.read() == b"0123456789"[start : start + size]
        assert part.read(5) == b""


@pytest.mark.once
def test_part_of_an_unknown_key_is_a_missing_file(storage: Any) -> None:
    with pytest.raises(FileNotFoundError):
        storage.open_range(KEY, 0, 1)


@pytest.mark.once
def test_storing_twice_changes_nothing(storage: Any) -> None:
    storage.save(KEY, ContentFile(b"the same"))

    assert storage.save(KEY, ContentFile(b"the same")) == KEY

    assert read(storage, KEY) == b"the same"


@pytest.mark.once
def test_unknown_key_is_a_missing_file(storage: Any) -> None:
    assert not storage.exists(KEY)
    with pytest.raises(FileNotFoundError):
        storage.open_stream(KEY)


class BreaksOff(File):  # type: ignore[type-arg]
    """An upload whose connection breaks off."""

    def __init__(self) -> None:
        super().__init__(None, name="package.tgz")

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield b"the first half"
        raise ConnectionError


@pytest.mark.once
def test_interrupted_write_leaves_no_file(tmp_path: Path) -> None:
    storage = FolderStorage(location=str(tmp_path))

    with pytest.raises(ConnectionError):
        storage.save(KEY, BreaksOff())

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.once
def test_key_cannot_leave_the_folder(tmp_path: Path) -> None:
    storage = FolderStorage(location=str(tmp_path / "store"))

    with pytest.raises(SuspiciousFileOperation):
        storage.save("../elsewhere", ContentFile(b"out"))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.s3
def test_tarball_is_stored_without_a_content_encoding(bucket: Bucket) -> None:
    """With one, clients would unpack what they get and the checksum would not match."""
    data = tarball()

    BucketStorage(**bucket.options).save(KEY, ContentFile(data))

    metadata = bucket.objects()[KEY]
    assert metadata["ContentType"] == "application/gzip"
    assert "ContentEncoding" not in metadata
    assert metadata["ContentLength"] == len(data)


@pytest.mark.s3
def test_wrong_bucket_secret_stores_nothing(bucket: Bucket) -> None:
    forged_options = BucketStorage(**bucket.options | {"secret_key": "guessed"})

    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        forged_options.save(KEY, ContentFile(b"forged"))

    assert bucket.objects() == {}

"""Tarballs that the shop packs itself."""

import gzip
import io
import tarfile

import pytest

from foundation.files.tarballs import pack_files

pytestmark = pytest.mark.once


def test_bytes_depend_on_the_files_alone():
    files = [("agent.json", b"{}"), ("notes/é.md", b"One."), ("notes/é.md", b"Two.")]

    data = pack_files(files)

    assert pack_files(files) == data
    # The time in the head of gzip (RFC 1952).
    assert data[4:8] == bytes(4)
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(data))) as archive:
        members = archive.getmembers()
        assert [(m.name, m.mode, m.mtime, m.uname) for m in members] == [
            (path, 0o644, 0, "") for path, _ in files
        ]
        contents = [archive.extractfile(member) for member in members]
        assert [file.read() for file in contents if file] == [b"{}", b"One.", b"Two."]

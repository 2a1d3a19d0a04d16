"""Packs files as a gzipped tar."""

import gzip
import io
import tarfile
from collections.abc import Iterable


def pack_files(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Return files, given by path, as a gzipped tar in this order.

    The bytes depend on the files alone: they have no time and no owner. A path that comes twice is
    written twice.
    """
    output = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=output, mode="wb", mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for path, content in files:
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    return output.getvalue()

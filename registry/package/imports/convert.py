"""Writes the package of a plan: a gzipped tar that depends on the files alone."""

import gzip
import io
import tarfile
from collections.abc import Iterator, Sequence
from typing import BinaryIO, cast

from foundation.sandbox.outputs import OutputFile
from foundation.sandbox.place import working_on
from registry.package.archive.errors import ArchiveError
from registry.package.archive.members import Archive
from registry.package.findings import new_finding
from registry.package.imports.plan import ImportPlan
from registry.package.imports.records import Conversion, PlannedImage, SourcePart
from registry.package.manifest.schema import MANIFEST

QUICK_ABOVE_BYTES = 32 * 1024 * 1024
"""Larger packages are compressed less well, so that the work stays within its limits."""


def convert(
    source: Archive,
    plan: ImportPlan,
    output: OutputFile,
    *,
    manifest_text: str | None = None,
    extra: Sequence[tuple[SourcePart, BinaryIO]] = (),
) -> Conversion:
    """Writes the package and then its pictures to the output.

    `manifest_text` becomes the agent.json of the package, and `extra` files are added to a
    source without one. If the source cannot be read to its end, the conversion has findings and
    nothing of the output may be used.
    """
    stream = _OutputStream(output)
    level = 1 if plan.answer.output_bytes > QUICK_ABOVE_BYTES else 6
    images = {image.path: image for image in plan.answer.images}
    contents: dict[str, bytes] = {}
    try:
        with (
            gzip.GzipFile("", "wb", level, cast(BinaryIO, stream), mtime=0) as packed_stream,
            tarfile.open(fileobj=packed_stream, mode="w", format=tarfile.PAX_FORMAT) as archive,
        ):
            if manifest_text is not None:
                data = manifest_text.encode()
                archive.addfile(_new_member(MANIFEST, len(data)), io.BytesIO(data))
            for path, size, chunks in _kept_files(source, plan, images, contents):
                if path != MANIFEST or manifest_text is None:
                    archive.addfile(_new_member(path, size), cast(BinaryIO, _ChunkStream(chunks)))
            for part, part_stream in extra:
                if plan.answer.summary.has_manifest or part.path in plan.kept_paths.values():
                    continue
                archive.addfile(_new_member(part.path, part.size), part_stream)
    except ArchiveError as error:
        return Conversion(0, (), (new_finding(error.code, "", str(error)),))
    package_size, written_images = stream.place, []
    for image in plan.answer.images:
        content = contents.get(image.path)
        if content is not None:
            stream.write(content)
            written_images.append(PlannedImage(image.kind, image.path, len(content)))
    output.close()
    return Conversion(package_size, tuple(written_images))


def _kept_files(
    source: Archive,
    plan: ImportPlan,
    images: dict[str, PlannedImage],
    contents: dict[str, bytes],
) -> Iterator[tuple[str, int, Iterator[bytes]]]:
    """Yields path, size and content of each packed file, and collects the pictures."""
    missing_paths = dict(plan.kept_paths)
    prefix = f"{plan.answer.summary.root}/" if plan.answer.summary.root else ""
    for member in source:
        if member.kind != "file":
            continue
        inner_path = member.path.removeprefix(prefix)
        path = missing_paths.pop(member.path, None)
        chunks: Iterator[bytes] = iter(())
        if inner_path in images and member.path.startswith(prefix) and inner_path not in contents:
            working_on(inner_path)
            # At most 21 pictures of at most 10 MiB, which the limit of all files includes.
            contents[inner_path] = b"".join(source.content())
            chunks = iter((contents[inner_path],))
        elif path is not None:
            chunks = source.content()
        if path is not None:
            working_on(path)
            yield path, member.size, chunks
            # The reader proves the checksum, and goes to the next file, only at the end of one.
            for _ in chunks:
                pass


def _new_member(path: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(path)
    member.size, member.mode = size, 0o644
    return member


class _OutputStream:
    """The output as a file that is written from its beginning."""

    def __init__(self, output: OutputFile) -> None:
        self._output = output
        self.place = 0

    def write(self, data: bytes) -> int:
        self._output.write(self.place, bytes(data))
        self.place += len(data)
        return len(data)

    def flush(self) -> None:
        pass


class _ChunkStream:
    """Chunks as a file that is read."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._buffer = b""

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._buffer) < size:
            chunk = next(self._chunks, b"")
            if not chunk:
                break
            self._buffer += chunk
        data = self._buffer[:size] if size >= 0 else self._buffer
        self._buffer = self._buffer[len(data) :]
        return data

"""Makes a package from a zip, a folder, or a tar without agent.json (ADR 54)."""

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from pathlib import PurePosixPath
from typing import Any, BinaryIO, cast

from django.conf import settings

from foundation.files.space import require_free_space
from foundation.sandbox.outputs import reserve_file
from registry.examiner.tasks import Examiner
from registry.package.checks.paths import path_problem
from registry.package.imports.records import (
    Conversion,
    ImportAnswer,
    ImportRequest,
    ImportSummary,
    SourcePart,
)
from registry.publishing.publish import refuse_errors
from registry.publishing.upload import Upload, UploadedAsset
from registry.sandbox.descriptors import with_descriptor
from registry.sandbox.examination import Examination

ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
STORE_FOLDER = "store"
"""Where pictures wait in an import that has no agent.json to name them."""


@dataclass(frozen=True, slots=True)
class ConvertedUpload:
    """`upload` has the package and its pictures; `summary` describes their source."""

    upload: Upload
    summary: ImportSummary


def is_source(upload: Upload) -> bool:
    """Returns whether a package has to be made from an upload: a folder or a zip."""
    if upload.folder is not None and upload.folder.parts:
        return True
    return upload.tarball is not None and _starts_as_zip(upload.tarball)


def _starts_as_zip(stream: BinaryIO) -> bool:
    stream.seek(0)
    start = stream.read(4)
    stream.seek(0)
    return start in ZIP_STARTS


def convert_upload(
    upload: Upload,
    examination: Examination,
    files: ExitStack,
    *,
    manifest_text: str | None = None,
) -> ConvertedUpload:
    """Returns the package that an upload stands for. Raises ValidationFailed.

    `files` closes what is opened. Pictures that were sent with a source without agent.json become
    files of the package, so that they are there when their author describes them.
    """
    request, source = _describe_source(upload, files)
    request = replace(
        request, manifest_text=manifest_text, extra=tuple(_extra_parts(upload.assets))
    )
    pictures = [files.enter_context(with_descriptor(asset.stream)) for asset in upload.assets]
    streams: list[BinaryIO] = [source, *pictures]
    answer = examination.call(Examiner.plan_import, request, streams)
    refuse_errors(answer.findings)
    output = _reserve(answer, files)
    conversion = examination.call(Examiner.convert_import, request, [output, *streams])
    refuse_errors(conversion.findings)
    found_images = _read_images(output, conversion, files)
    output.truncate(conversion.size)
    output.seek(0)
    assets = _join_assets(upload.assets, found_images) if answer.summary.has_manifest else ()
    package = Upload(metadata=None, tarball=output, assets=assets, channel=upload.channel)
    return ConvertedUpload(package, answer.summary)


def _describe_source(upload: Upload, files: ExitStack) -> tuple[ImportRequest, BinaryIO]:
    if upload.folder is not None and upload.folder.parts:
        return ImportRequest("parts", parts=upload.folder.parts), upload.folder.stream
    if upload.tarball is None:
        raise ValueError("The upload has no source.")
    kind = ImportRequest("zip") if _starts_as_zip(upload.tarball) else ImportRequest("tar")
    return kind, files.enter_context(with_descriptor(upload.tarball))


def _extra_parts(assets: Sequence[UploadedAsset]) -> list[SourcePart]:
    """Returns path and size of each sent picture, each path once."""
    parts = []
    for number, asset in enumerate(assets):
        suffix = PurePosixPath(asset.path).suffix.lower()
        name = f"{asset.kind}-{number}{'' if path_problem(f'x{suffix}') else suffix}"
        parts.append(SourcePart(f"{STORE_FOLDER}/{name}", asset.stream.seek(0, 2)))
        asset.stream.seek(0)
    return parts


def _reserve(answer: ImportAnswer, files: ExitStack) -> BinaryIO:
    """Returns a file with room for the package. Raises InsufficientStorage."""
    require_free_space(answer.output_bytes)
    output = reserve_file(answer.output_bytes, folder=settings.FILE_UPLOAD_TEMP_DIR)
    return cast(BinaryIO, files.enter_context(output))


def _read_images(output: BinaryIO, conversion: Conversion, files: ExitStack) -> list[UploadedAsset]:
    output.seek(conversion.size)
    assets = []
    for image in conversion.images:
        copy = files.enter_context(
            tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115
        )
        shutil.copyfileobj(_Part(output, image.size), copy, 1024 * 1024)
        copy.flush()
        copy.seek(0)
        assets.append(UploadedAsset(image.kind, image.path, cast(BinaryIO, copy)))
    return assets


class _Part:
    """The next bytes of a stream as a file that ends."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._size = stream, size

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(min(size if size >= 0 else self._size, self._size))
        self._size -= len(data)
        return data


def _join_assets(
    sent_assets: Sequence[UploadedAsset], found_assets: Sequence[UploadedAsset]
) -> tuple[UploadedAsset, ...]:
    """Returns the sent pictures, and those of the source that they do not replace."""
    sent_names = {PurePosixPath(asset.path).name for asset in sent_assets}
    has_icon = any(asset.kind == "icon" for asset in sent_assets)
    return (
        *sent_assets,
        *(
            asset
            for asset in found_assets
            if not (has_icon and asset.kind == "icon")
            and PurePosixPath(asset.path).name not in sent_names
        ),
    )


def describe_import(summary: ImportSummary) -> dict[str, Any]:
    """Returns what a draft keeps of an import, as JSON."""
    return asdict(summary)

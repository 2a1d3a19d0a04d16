"""Reads a publish request: files go to disk, up to the limit of their kind.

A file name may be a path, as in `store/screenshots/chat.png`, where Django keeps the last part.
"""

import re
import tempfile
from dataclasses import replace
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict

from foundation.actor import Actor
from foundation.files.multipart import LimitedFileHandler
from foundation.limits.bodies import BodyTooLarge, declared_length
from registry.limits import MAX_FOLDER_FILES, UPLOAD_BYTES
from registry.package.imports.records import SourcePart
from registry.package.limits import LIMITS
from registry.publishing.errors import (
    FolderTooLarge,
    MalformedMultipart,
    MetadataTooLarge,
    MissingMetadata,
    TarballTooLarge,
    TooManyFolderFiles,
)
from registry.publishing.quota import require_space
from registry.publishing.upload import Upload, UploadedAsset, UploadedFolder

FOLDER_FIELD = "folder"
SCREENSHOT = re.compile(r"screenshot-(\d{1,3})")


class PathKeepingParser(MultiPartParser):
    def sanitize_file_name(self, file_name: str) -> str | None:
        # The name is only compared with the manifest. No file is opened by it.
        return file_name or None


class PackageUploadHandler(LimitedFileHandler):
    """Writes the tarball and the images of a package, and the files of a folder.

    All files of a folder go into one, because each open file costs a descriptor.
    """

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self.folder_parts: list[SourcePart] = []
        self.folder_stream: BinaryIO | None = None
        self.folder_bytes = 0

    def max_bytes_of(self, field_name: str) -> int:
        return LIMITS.tarball_bytes if field_name == "tarball" else LIMITS.image_bytes

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        field_name = kwargs.get("field_name", args[0] if args else "")
        if field_name != FOLDER_FIELD:
            super().new_file(*args, **kwargs)
            return
        FileUploadHandler.new_file(self, *args, **kwargs)
        if len(self.folder_parts) >= MAX_FOLDER_FILES:
            raise TooManyFolderFiles
        if self.folder_stream is None:
            # Without a name, so that it is gone with the process.
            stream = tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115
            self.folder_stream = cast(BinaryIO, stream)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.field_name != FOLDER_FIELD or self.folder_stream is None:
            super().receive_data_chunk(raw_data, start)
            return
        self.folder_bytes += len(raw_data)
        # The rest is read and dropped, so that the sender gets an answer.
        if self.folder_bytes <= LIMITS.unpacked_bytes:
            self.count_written(len(raw_data))
            self.folder_stream.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes] | None":  # type: ignore[override]
        if self.field_name != FOLDER_FIELD:
            return super().file_complete(file_size)
        self.folder_parts.append(SourcePart(str(self.file_name), file_size))
        return None

    def upload_interrupted(self) -> None:
        if self.folder_stream is not None:
            self.folder_stream.close()
        super().upload_interrupted()

    def folder(self) -> UploadedFolder | None:
        """Returns the folder that was sent, or None. Raises FolderTooLarge."""
        if self.folder_stream is None:
            return None
        if self.folder_bytes > LIMITS.unpacked_bytes:
            raise FolderTooLarge
        self.folder_stream.flush()
        return UploadedFolder(self.folder_stream, tuple(self.folder_parts))


def read_upload(request: HttpRequest, *, by: Actor) -> Upload:
    """Returns the parts of an API request. Refuses a body other than a form.

    Nothing is read for an actor who may not publish or has no space left.
    """
    by.require_scope("agents:publish")
    announced_bytes = declared_length(request) or 0
    # Refused before anything is written to the disk.
    if announced_bytes > UPLOAD_BYTES:
        raise TarballTooLarge
    require_space(by, announced_bytes=announced_bytes)
    return read_package(request)


def read_package(request: HttpRequest) -> Upload:
    """Returns the parts of an API request. Refuses a body other than a form."""
    if request.content_type != "multipart/form-data":
        raise MissingMetadata("Send a multipart/form-data body with metadata and tarball.")
    fields, files = _parse_body(request)
    # Icons first, then the screenshots in the order of their numbers. A part name may repeat.
    assets = [("icon", file) for file in files.getlist("icon")]
    matches = filter(None, map(SCREENSHOT.fullmatch, files))
    for match in sorted(matches, key=lambda match: int(match[1])):
        assets += [("screenshot", file) for file in files.getlist(match[0])]
    return _to_upload(files, assets, metadata=fields.get("metadata"), channel=fields.get("channel"))


def _parse_body(request: HttpRequest) -> tuple[QueryDict, MultiValueDict[str, Any]]:
    handlers = [PackageUploadHandler(request)]
    try:
        parser = PathKeepingParser(request.META, request, handlers, settings.DEFAULT_CHARSET)
        fields, files = parser.parse()
    except BodyTooLarge as error:
        raise TarballTooLarge from error
    except RequestDataTooBig as error:
        raise MetadataTooLarge from error
    # LookupError: a part names an unknown charset.
    except (MultiPartParserError, LookupError, ValueError) as error:
        raise MalformedMultipart("The multipart body is malformed.") from error
    # Django's own limit is that of the largest JSON body of the API.
    if any(len(str(value).encode()) > LIMITS.metadata_bytes for value in fields.values()):
        raise MetadataTooLarge
    return fields, files


def read_form_with(request: HttpRequest, handler: PackageUploadHandler) -> None:
    """Lets Django read the form by a handler, with the paths that the browser sends."""

    def parse(meta: dict[str, Any], post_data: Any) -> tuple[QueryDict, MultiValueDict[str, Any]]:
        return PathKeepingParser(meta, post_data, [handler], settings.DEFAULT_CHARSET).parse()

    request.upload_handlers = [handler]
    request.parse_file_upload = parse  # type: ignore[method-assign,assignment]


def upload_from_form(request: HttpRequest, handler: PackageUploadHandler) -> Upload:
    """Returns the parts of the upload page's form, which Django read with our handler."""
    files: MultiValueDict[str, Any] = request.FILES
    assets = [("icon", file) for file in files.getlist("icon")]
    assets += [("screenshot", file) for file in files.getlist("screenshots")]
    upload = _to_upload(files, assets, metadata=None, channel=request.POST.get("channel") or None)
    return replace(upload, folder=handler.folder())


def _to_upload(
    files: MultiValueDict[str, Any],
    assets: list[tuple[str, Any]],
    *,
    metadata: str | None,
    channel: str | None,
) -> Upload:
    tarball = files.get("tarball")
    return Upload(
        metadata=metadata,
        tarball=tarball.file if tarball is not None else None,
        assets=tuple(UploadedAsset(kind, file.sent_path, file.file) for kind, file in assets),  # type: ignore[arg-type]
        channel=channel,
        too_large=tarball is not None and (tarball.size or 0) > LIMITS.tarball_bytes,
    )

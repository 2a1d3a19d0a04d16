"""Reading a publish request: streams to disk, stops storing at the limit, keeps a file's path.

Three things differ from Django's own reading. A file name is a path here
(``store/screenshots/chat.png``), and Django keeps only its last part. A file that grows past its
limit is read to its end and thrown away, so that the sender hears why instead of a broken pipe.
And it starts when the view asks, after the credential and the limits.
"""

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict

from foundation.refusals import Malformed, TooLarge
from registry.errors import MissingMetadata, TarballTooLarge
from registry.package.limits import PackageLimits
from registry.publishing.upload import Upload, UploadedAsset

LIMITS = PackageLimits()
SCREENSHOT = re.compile(r"screenshot-\d{1,3}")
# What we read to the end to give a proper answer; anything longer is cut off unread.
LONGEST_BODY = 4 * LIMITS.tarball_bytes


class MalformedMultipart(Malformed):
    code = "invalid_multipart"


class MetadataTooLarge(TooLarge):
    code = "metadata_too_large"


class PathKeepingParser(MultiPartParser):
    def sanitize_file_name(self, file_name: str) -> str | None:
        # Only a name to compare with the manifest's; no file is ever opened by it.
        return file_name or None


class PackageUploadHandler(FileUploadHandler):
    """Writes each file to the upload folder, up to the limit of its kind."""

    chunk_size = 256 * 1024

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        name = "tarball" if self.field_name == "tarball" else "asset"
        self.most = LIMITS.tarball_bytes if name == "tarball" else LIMITS.image_bytes
        self.file = TemporaryUploadedFile(name, self.content_type, 0, None)
        self.file.sent_path = self.file_name  # type: ignore[attr-defined]
        self.written = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.written <= self.most:  # One chunk more than allowed shows that it is too much.
            self.file.write(raw_data)
            self.written += len(raw_data)

    def file_complete(self, file_size: int) -> TemporaryUploadedFile:
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()


def read_upload(request: HttpRequest) -> Upload:
    """The parts of a publish request; refuses only what cannot be read as a form at all."""
    if not request.content_type or request.content_type != "multipart/form-data":
        raise MissingMetadata("Send a multipart/form-data body with metadata and tarball.")
    fields, files = _parse(request)
    tarball = files.get("tarball")
    too_large = tarball is not None and tarball.size > LIMITS.tarball_bytes
    return Upload(
        metadata=fields.get("metadata"),
        tarball=tarball.file if tarball is not None else None,
        assets=_assets(files),
        channel=fields.get("channel"),
        too_large=too_large,
    )


def _parse(request: HttpRequest) -> tuple[QueryDict, MultiValueDict[str, Any]]:
    handlers = [PackageUploadHandler(request)]
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST_BODY:
            raise TarballTooLarge
        parser = PathKeepingParser(request.META, request, handlers, settings.DEFAULT_CHARSET)
        return parser.parse()
    except RequestDataTooBig as error:
        raise MetadataTooLarge("The form fields are larger than 2 MiB.") from error
    except (MultiPartParserError, ValueError) as error:
        raise MalformedMultipart("The multipart body cannot be read.") from error


def upload_from_form(request: HttpRequest) -> Upload:
    """The parts of the upload page's form, which Django has read with our handler."""
    files: MultiValueDict[str, Any] = request.FILES
    tarball = files.get("tarball")
    sent = [("icon", file) for file in files.getlist("icon")]
    sent += [("screenshot", file) for file in files.getlist("screenshots")]
    return Upload(
        metadata=None,
        tarball=tarball.file if tarball is not None else None,
        assets=tuple(UploadedAsset(kind, file.sent_path, file.file) for kind, file in sent),  # type: ignore[arg-type]
        channel=request.POST.get("channel") or None,
        too_large=tarball is not None and (tarball.size or 0) > LIMITS.tarball_bytes,
    )


def _assets(files: MultiValueDict[str, Any]) -> tuple[UploadedAsset, ...]:
    """Icons first, then the screenshots in the order of their numbers; a part name may repeat."""
    parts = [("icon", file) for file in files.getlist("icon")]
    shots = sorted((n for n in files if SCREENSHOT.fullmatch(n)), key=lambda n: int(n[11:]))
    parts += [("screenshot", file) for name in shots for file in files.getlist(name)]
    return tuple(UploadedAsset(kind, file.sent_path, file.file) for kind, file in parts)  # type: ignore[arg-type]

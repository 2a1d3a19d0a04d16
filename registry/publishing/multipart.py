"""Reads a publish request: files go to disk, up to the limit of their kind.

A file name may be a path, as in `store/screenshots/chat.png`, where Django keeps the last part.
"""

import re
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, QueryDict
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.datastructures import MultiValueDict

from foundation.actor import Actor
from foundation.files.multipart import LimitedFileHandler
from foundation.limits.bodies import BodyTooLarge, declared_length
from registry.limits import UPLOAD_BYTES
from registry.package.limits import LIMITS
from registry.publishing.errors import (
    MalformedMultipart,
    MetadataTooLarge,
    MissingMetadata,
    TarballTooLarge,
)
from registry.publishing.quota import require_space
from registry.publishing.upload import Upload, UploadedAsset

SCREENSHOT = re.compile(r"screenshot-(\d{1,3})")


class PathKeepingParser(MultiPartParser):
    def sanitize_file_name(self, file_name: str) -> str | None:
        # The name is only compared with the manifest. No file is opened by it.
        return file_name or None


class PackageUploadHandler(LimitedFileHandler):
    """Writes the tarball and the images of a package."""

    def max_bytes_of(self, field_name: str) -> int:
        return LIMITS.tarball_bytes if field_name == "tarball" else LIMITS.image_bytes


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


def upload_from_form(request: HttpRequest) -> Upload:
    """Returns the parts of the upload page's form, which Django read with our handler."""
    files: MultiValueDict[str, Any] = request.FILES
    assets = [("icon", file) for file in files.getlist("icon")]
    assets += [("screenshot", file) for file in files.getlist("screenshots")]
    return _to_upload(files, assets, metadata=None, channel=request.POST.get("channel") or None)


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

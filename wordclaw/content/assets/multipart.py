"""Reads the request that uploads an asset."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from foundation.files.multipart import LimitedFileHandler
from foundation.files.space import require_free_space
from foundation.limits.bodies import BodyTooLarge, declared_length
from wordclaw.content.assets.errors import AssetTooLarge, InvalidAssetUpload, UnknownUploadField
from wordclaw.content.assets.sizes import MAX_BYTES
from wordclaw.content.assets.upload import AssetUpload, upload_of
from wordclaw.content.limits import ASSET_BODY_BYTES

FIELDS = frozenset({"access", "file", "name"})
FIELD_PREFIX = "file-"
"""Beginning of the name of a file that is sent for one field of an item."""


class AssetFileHandler(LimitedFileHandler):
    """Writes the file of an asset, and nothing of other files."""

    def max_bytes_of(self, field_name: str) -> int:
        # Django would otherwise write a file of any other field to the disk before the view refuses
        # it.
        return MAX_BYTES if field_name == "file" else 0


class FieldFileHandler(LimitedFileHandler):
    """Writes the files of a form in which each field of an item has a file of its own."""

    max_files = 200

    def max_bytes_of(self, field_name: str) -> int:
        return MAX_BYTES if field_name.startswith(FIELD_PREFIX) else 0


def read_asset_upload(request: HttpRequest) -> AssetUpload:
    """Return the parts ``file``, ``access`` and ``name`` of a multipart body.

    Raises InvalidAssetUpload, UnknownUploadField, AssetTooLarge or InsufficientStorage.
    """
    announced_bytes = declared_length(request) or 0
    # An honest client learns it at once; the parser counts the bytes of those that announce less.
    if announced_bytes > ASSET_BODY_BYTES:
        raise AssetTooLarge
    require_free_space(announced_bytes)
    if request.content_type != "multipart/form-data":
        raise InvalidAssetUpload
    fields, files = _parse(request)
    if unknown_names := sorted({*fields, *files} - FIELDS):
        # A form may have hundreds of field names, and all of them would come back in the answer.
        raise UnknownUploadField(fields=unknown_names[:20])
    if len(files.getlist("file")) != 1:
        raise InvalidAssetUpload
    return upload_of(files["file"], name=fields.get("name"), access=fields.get("access"))


def _parse(request: HttpRequest) -> Any:
    try:
        parser = MultiPartParser(
            request.META, request, [AssetFileHandler(request)], settings.DEFAULT_CHARSET
        )
        return parser.parse()
    except BodyTooLarge as error:
        raise AssetTooLarge from error
    except (RequestDataTooBig, MultiPartParserError, ValueError) as error:
        raise InvalidAssetUpload from error

"""Reads the bodies that have files of a form."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from foundation.files.multipart import LimitedFileHandler
from foundation.files.space import require_free_space
from foundation.limits.bodies import BodyTooLarge, declared_length
from wordclaw.content.assets.upload import AssetUpload, upload_of
from wordclaw.forms.errors import FileTooLarge, InvalidFileUpload, UnknownFileField
from wordclaw.forms.limits import MAX_FILE_BYTES, UPLOAD_BODY_BYTES

FIELDS = frozenset({"field", "file", "name"})


class FormFileHandler(LimitedFileHandler):
    """Writes the files of the named controls, and nothing of other files."""

    def __init__(self, request: HttpRequest, names: Iterable[str]) -> None:
        super().__init__(request)
        self.names = frozenset(names)

    def max_bytes_of(self, field_name: str) -> int:
        return MAX_FILE_BYTES if field_name in self.names else 0


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file with the name of its field."""

    field: str
    upload: AssetUpload


def read_form_upload(request: HttpRequest) -> SentFile:
    """Return the parts ``field``, ``file`` and ``name`` of a multipart body.

    Raises InvalidFileUpload, UnknownUploadField, FileTooLarge or InsufficientStorage.
    """
    announced_bytes = declared_length(request) or 0
    if announced_bytes > UPLOAD_BODY_BYTES:
        raise FileTooLarge
    require_free_space(announced_bytes)
    if request.content_type != "multipart/form-data":
        raise InvalidFileUpload
    fields, files = _parse(request)
    if unknown_names := sorted({*fields, *files} - FIELDS):
        raise UnknownFileField(fields=unknown_names[:20])
    if len(files.getlist("file")) != 1 or "field" not in fields:
        raise InvalidFileUpload
    upload = upload_of(files["file"], name=fields.get("name"))
    return SentFile(fields["field"], upload)


def _parse(request: HttpRequest) -> Any:
    try:
        handlers = [FormFileHandler(request, ["file"])]
        return MultiPartParser(request.META, request, handlers, settings.DEFAULT_CHARSET).parse()
    except BodyTooLarge as error:
        raise FileTooLarge from error
    except (RequestDataTooBig, MultiPartParserError, ValueError) as error:
        raise InvalidFileUpload from error

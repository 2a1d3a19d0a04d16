"""Files of a form's page: read, judged, and kept while the page is shown again."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from foundation.limits.bodies import BodyTooLarge, bound_body, declared_length
from foundation.limits.declarations import FORM_BYTES, MIB
from foundation.limits.errors import RateLimited
from foundation.limits.middleware import caller_network
from foundation.refusals import Refusal
from foundation.text.input import read_uuid
from foundation.web.requests import Request
from wordclaw.content.assets.errors import UnsupportedAsset
from wordclaw.content.assets.upload import upload_of
from wordclaw.forms.limits import MAX_FILE_BYTES
from wordclaw.forms.models import FormDefinition, FormUpload
from wordclaw.forms.uploads.actions import (
    count_upload,
    file_fields,
    judge_file,
    keep_upload,
    waiting_uploads,
)
from wordclaw.forms.uploads.multipart import FormFileHandler

BODY_BYTES = 3 * MAX_FILE_BYTES + 2 * MIB
"""Of a page with its files and texts. A file that is a little too large is refused at its field."""
KEPT, REMOVE = "kept-", "remove-"
"""Beginnings of the names of the controls of a kept file."""
ACCEPT = "image/png,image/jpeg,image/webp,image/gif,application/pdf,text/plain,.txt,.log,.md"


class FileField(forms.Field):
    """A file. Its value is the upload that was kept, as the action takes it."""

    widget = forms.FileInput(attrs={"accept": ACCEPT})
    upload: FormUpload | None = None

    def clean(self, value: Any) -> Any:
        return {"uploadId": str(self.upload.pk)} if self.upload else ""


@dataclass(slots=True)
class FileProblem:
    """A problem of one file; ``field`` is None if it concerns all."""

    field: str | None
    message: str


def prepare_body(request: Request, definition: FormDefinition) -> FileProblem | None:
    """Let the body of a form be read; return why its files are left out, or None.

    Called before anything reads the body. Raises BodyTooLarge if the form has no files.
    """
    length = declared_length(request)
    fields = file_fields(definition)
    if not fields or (definition.requires_sign_in and not request.actor.is_known):
        if length is not None and length > FORM_BYTES:
            raise BodyTooLarge(FORM_BYTES)
        bound_body(request, FORM_BYTES, length)
        return None
    if length is None or length > FORM_BYTES:
        try:
            size = len(fields) * MAX_FILE_BYTES if length is None else length
            network = caller_network(request)
            count_upload(definition, size, network=network, by=request.actor)
        except RateLimited as error:
            # The texts are read, and nothing of the files: what was typed is not lost.
            return FileProblem(None, _file_limit_words(error))
    request.upload_handlers = [FormFileHandler(request, [f"f-{name}" for name in fields])]
    return None


def _file_limit_words(error: RateLimited) -> str:
    minutes = 1 + int(error.details.get("retry_after", 0)) // 60
    return _(
        "Too many files were sent with this form. Send it without a file, or try again in"
        " %(minutes)s minutes."
    ) % {"minutes": minutes}


def keep_files(
    request: Request, definition: FormDefinition, form: forms.Form, *, page_id: str
) -> Iterable[FileProblem]:
    """Keep the files that were sent with a page, and those of its earlier sending.

    Yields what is wrong with them. ``page_id``: "" for a page whose stamp is not valid, of which
    nothing new is kept.
    """
    fields = file_fields(definition)
    sent_ids = {name: read_uuid(request.POST.get(f"{KEPT}f-{name}", "")) for name in fields}
    uploads = waiting_uploads(definition, sent_ids.values())
    for name in fields:
        field, file = form.fields.get(name), request.FILES.get(f"f-{name}")
        if not isinstance(field, FileField):
            continue
        is_removed = f"{REMOVE}f-{name}" in request.POST
        upload = uploads.get(sent_ids[name])
        if upload is not None and upload.field == name and not is_removed:
            field.upload = upload
        if file is None or not file.size:
            continue
        if not page_id:
            yield FileProblem(name, _("Select the file again."))
            continue
        try:
            field.upload = _keep(request, definition, name, file, page_id=page_id)
        except Refusal as refusal:
            yield FileProblem(name, _words_of(refusal))


def _words_of(refusal: Refusal) -> str:
    if isinstance(refusal, UnsupportedAsset):
        return _("Attach a PNG, JPEG, WebP or GIF image, a PDF, or a text in UTF-8.")
    return f"{refusal.message} {refusal.remediation}".strip()


def _keep(
    request: Request,
    definition: FormDefinition,
    name: str,
    file: "UploadedFile[bytes]",
    *,
    page_id: str,
) -> FormUpload:
    by, network = request.actor, caller_network(request)
    upload = upload_of(file)
    # The same page with the same file, sent twice, is one file.
    upload_id: UUID = uuid5(definition.pk, f"{page_id} {name} {upload.digest.hex()}")
    judged_upload = judge_file(upload, network=network, by=by)
    return keep_upload(definition, name, judged_upload, network=network, upload_id=upload_id, by=by)

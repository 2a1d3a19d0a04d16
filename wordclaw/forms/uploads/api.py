"""The JSON endpoint of files that are sent with forms."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from foundation.access.api import public_write
from foundation.limits.bodies import declared_length
from foundation.limits.middleware import Limited, caller_network
from wordclaw.content.assets.upload import JudgedUpload
from wordclaw.forms.limits import UPLOAD_BODY_BYTES
from wordclaw.forms.models import FormDefinition
from wordclaw.forms.uploads.actions import count_upload, find_file_form, judge_file, keep_upload
from wordclaw.forms.uploads.multipart import read_form_upload
from wordclaw.forms.uploads.schemas import UPLOAD_BODY, UploadOut, form_upload_out
from wordclaw.policy.actions import find_domain
from wordclaw.requests.api import (
    Answer,
    actor_of,
    is_dry_run,
    start_idempotent_request,
    write,
)

router = Router(tags=["forms"])


@router.post(
    "/domains/{domain}/forms/{slug}/uploads",
    auth=public_write,
    # The body is too large for the hook of other writes, which reads it into memory.
    throttle=[Limited("content")],
    response={201: UploadOut},
    summary="Upload a file for a form",
    openapi_extra=UPLOAD_BODY,
)
def upload_file(request: HttpRequest, domain: str, slug: str) -> HttpResponse:
    """Send the form within a day, with `{"uploadId": "…"}` as the value of the field."""
    by, network = actor_of(request), caller_network(request)
    form = find_file_form(find_domain(domain, by), slug)
    # Before the body: by its announced length, and a chunked one as if it were the largest.
    size = declared_length(request)
    count_upload(form, UPLOAD_BODY_BYTES if size is None else size, network=network, by=by)
    sent_file = read_form_upload(request)
    start_idempotent_request(request, sent_file.field.encode() + sent_file.upload.digest)
    judged_upload = judge_file(sent_file.upload, network=network, by=by)
    return store_file(request, form, sent_file.field, judged_upload)


@write
def store_file(
    request: HttpRequest, form: FormDefinition, field: str, upload: JudgedUpload
) -> Answer:
    row = keep_upload(
        form,
        field,
        upload,
        network=caller_network(request),
        is_dry_run=is_dry_run(request),
        by=actor_of(request),
    )
    # Who has the ID sends the file as their own.
    return Answer(form_upload_out(row), status=201, secret_keys=frozenset({"uploadId"}))

"""JSON of files that were sent for a form."""

from typing import Any

from ninja import Schema

from foundation.clock import iso
from wordclaw.forms.models import FormUpload
from wordclaw.forms.uploads.actions import LIFETIME

UPLOAD_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["field", "file"],
                    "properties": {
                        "field": {"type": "string", "description": "A field of the type file"},
                        "file": {"type": "string", "format": "binary"},
                        "name": {"type": "string", "description": "Instead of the file's name"},
                    },
                }
            }
        },
    }
}


class UploadOut(Schema):
    uploadId: str
    field: str
    name: str
    mimeType: str
    sizeBytes: int
    expiresAt: str


def form_upload_out(row: FormUpload) -> dict[str, Any]:
    return {
        "uploadId": str(row.pk),
        "field": row.field,
        "name": row.name,
        "mimeType": row.content_type,
        "sizeBytes": row.size_bytes,
        "expiresAt": iso(row.created_at + LIFETIME),
    }

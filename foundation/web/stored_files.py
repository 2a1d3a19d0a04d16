"""Responses with a stored file, which the proxy or the bucket may send.

The shop decides about the request first and sends headers only, so its rules and its counts are
the same whatever sends the bytes. `SEND_FILES` says which of them does.
"""

from collections.abc import Mapping
from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.http import content_disposition_header

ACCEL_PREFIX = "/stored-files/"
"""Location of the proxy, closed for clients, where the folder of stored files is."""
LINK_SECONDS = 60
"""How long a link to the bucket is valid: also how long it outlives a withholding."""


def hand_over_file(
    key: str,
    *,
    filename: str,
    content_type: str,
    headers: Mapping[str, str],
    as_attachment: bool,
    may_redirect: bool,
) -> HttpResponse | None:
    """A response without the bytes of a file; None if the shop sends them itself.

    ``may_redirect``: the reader follows redirects to another host, as programs do and pictures of
    pages may not. Raises FileNotFoundError if the folder does not have the file.
    """
    disposition = content_disposition_header(as_attachment, filename) or "inline"
    if settings.SEND_FILES == "proxy":
        # A missing file is the shop's answer, with a code, and not the proxy's.
        default_storage.size(key)
        response = HttpResponse(content_type=content_type, headers=dict(headers))
        response["Content-Disposition"] = disposition
        response["X-Accel-Redirect"] = ACCEL_PREFIX + quote(key)
        return response
    if settings.SEND_FILES == "bucket" and may_redirect:
        link = default_storage.link_to(  # type: ignore[attr-defined]
            key, seconds=LINK_SECONDS, content_type=content_type, disposition=disposition
        )
        response = HttpResponseRedirect(link)
        response["X-Content-SHA256"] = headers["X-Content-SHA256"]
        response["Cache-Control"] = "no-store"
        return response
    return None

"""JSON endpoints of a version's facts, its file list, and the bytes of one file."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from ninja import Router, Schema

from foundation.web.conditional import IMMUTABLE_CACHE_CONTROL, unchanged_answer
from foundation.web.responses import json_response
from registry.agents.api import PAID_CACHE_CONTROL, READ, VERSIONS
from registry.agents.derived_data import get_analysis
from registry.agents.queries import find_agent, find_version, refuse_withheld
from registry.agents.sales import has_price, open_version
from registry.analysis.model import Analysis
from registry.files import queries
from registry.files.unpacked import read_file
from registry.models import VersionFile
from wordclaw.payments.access.api import reader_of

router = Router(tags=["files"])
VERSION = f"{VERSIONS}/{{version}}"
# Image types that a browser may display; files of any other binary type are downloads.
IMAGE_TYPES = {
    "gif": "image/gif",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "svg": "image/svg+xml",
    "webp": "image/webp",
}
# An SVG is an image in a page, but never a document of its own.
DOWNLOADS = ("application/octet-stream", IMAGE_TYPES["svg"])
# The bytes come from a stranger and are served from our origin: the browser must run nothing.
SANDBOX = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


class FileOut(Schema):
    path: str
    kind: str
    sizeBytes: int
    sha256: str


class FileList(Schema):
    items: list[FileOut]


@router.get(f"{VERSION}/facts", response=Analysis, by_alias=True, **READ)
def get_facts(request: HttpRequest, scope: str, name: str, version: str) -> HttpResponse:
    """Facts about a version, read from its bytes, each with its file and line.

    451 while the version is withheld. Of a version with a price, instructions are only counted."""
    agent = find_agent(scope.lstrip("@"), name)
    row = find_version(agent, version)
    refuse_withheld(row)
    analysis = get_analysis(row)
    if has_price(agent, version):
        analysis = analysis.without_instructions()
    return json_response(analysis.model_dump(mode="json", by_alias=True))


@router.get(f"{VERSION}/files", response=FileList, **READ)
def list_files(request: HttpRequest, scope: str, name: str, version: str) -> HttpResponse:
    """Every file of the package, sorted by path."""
    files = queries.list_files(find_version(find_agent(scope.lstrip("@"), name), version))
    rows = files.values_list("path", "kind", "size_bytes", "sha256")
    keys = ("path", "kind", "sizeBytes", "sha256")
    return json_response({"items": [dict(zip(keys, row, strict=True)) for row in rows]})


@router.get(f"{VERSION}/files/{{path:path}}", **READ)
def download_file(
    request: HttpRequest, scope: str, name: str, version: str, path: str
) -> HttpResponseBase:
    """The bytes of one file as in the package.

    Its headers keep a browser from running them. 402 if the version has a price and the reader no
    right to it."""
    agent = find_agent(scope.lstrip("@"), name)
    row = find_version(agent, version)
    file = queries.find_file(row, path)
    is_paid = open_version(agent, version, reader_of(request, request.auth)).is_gated  # type: ignore[attr-defined]
    content_type = _content_type(file)
    is_download = content_type in DOWNLOADS
    headers = SANDBOX | {
        "Cache-Control": PAID_CACHE_CONTROL if is_paid else IMMUTABLE_CACHE_CONTROL,
        "ETag": f'"{file.sha256}"',
        "X-Content-SHA256": file.sha256,
        "Content-Disposition": "attachment" if is_download else "inline",
    }
    unchanged_response = unchanged_answer(request, headers)
    if unchanged_response is not None:
        return unchanged_response
    response = StreamingHttpResponse(
        read_file(row, file), content_type=content_type, headers=headers
    )
    # A streaming response does not know its length, but clients show a progress with it.
    response["Content-Length"] = str(file.size_bytes)
    return response


def _content_type(file: VersionFile) -> str:
    if file.kind in ("markdown", "text"):
        # Never as HTML, which a browser would run.
        return "text/plain; charset=utf-8"
    extension = file.path.rpartition(".")[2].lower()
    image_type = IMAGE_TYPES.get(extension) if file.kind == "image" else None
    return image_type or "application/octet-stream"

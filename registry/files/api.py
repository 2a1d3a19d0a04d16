"""What is in a package, and what it will do."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from ninja import Router, Schema

from foundation.web.conditional import FOREVER, unchanged_answer
from foundation.web.responses import json_response
from registry.agents.api import READ, VERSIONS
from registry.agents.detail import analysis_of
from registry.agents.queries import claimed_agent, find_version, refuse_withheld
from registry.analysis.model import Analysis
from registry.files.queries import files_of, find_file, open_file
from registry.models import Version, VersionFile

router = Router(tags=["files"])
VERSION = f"{VERSIONS}/{{version}}"
# What a browser may show as an image; everything else that is no text is handed out to be saved.
IMAGES = {"png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "webp": "image/webp"}
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
    """What the version will do on a machine, read from its bytes: each fact with the file and the
    line that say so. 451 while the version is withheld."""
    found = _version(scope, name, version)
    refuse_withheld(found)
    return json_response(analysis_of(found).model_dump(mode="json", by_alias=True))


@router.get(f"{VERSION}/files", response=FileList, **READ)
def list_files(request: HttpRequest, scope: str, name: str, version: str) -> HttpResponse:
    """Every file of the package, in the order of their paths."""
    files = files_of(_version(scope, name, version))
    rows = files.values_list("path", "kind", "size_bytes", "sha256")
    keys = ("path", "kind", "sizeBytes", "sha256")
    return json_response({"items": [dict(zip(keys, row, strict=True)) for row in rows]})


@router.get(f"{VERSION}/files/{{path:path}}", **READ)
def download_file(
    request: HttpRequest, scope: str, name: str, version: str, path: str
) -> HttpResponseBase:
    """The bytes of one file as they are in the package. They can load and run nothing."""
    found = _version(scope, name, version)
    file = find_file(found, path)
    headers = SANDBOX | {
        "Cache-Control": FOREVER,
        "ETag": f'"{file.sha256}"',
        "X-Content-SHA256": file.sha256,
        "Content-Disposition": _disposition(file),
    }
    unchanged = unchanged_answer(request, headers)
    if unchanged is not None:
        return unchanged
    answer = StreamingHttpResponse(
        open_file(found, file), content_type=_content_type(file), headers=headers
    )
    answer["Content-Length"] = str(file.size_bytes)
    return answer


def _version(scope: str, name: str, version: str) -> Version:
    return find_version(claimed_agent(scope.lstrip("@"), name), version)


def _is_shown(file: VersionFile) -> bool:
    return file.kind in ("markdown", "text") or _image_type(file) is not None


def _image_type(file: VersionFile) -> str | None:
    extension = file.path.rpartition(".")[2].lower()
    return IMAGES.get(extension) if file.kind == "image" else None


def _content_type(file: VersionFile) -> str:
    if file.kind in ("markdown", "text"):
        return "text/plain; charset=utf-8"
    return _image_type(file) or "application/octet-stream"


def _disposition(file: VersionFile) -> str:
    return "inline" if _is_shown(file) else "attachment"

"""Versions, their bytes and their pictures."""

from contextlib import suppress
from typing import Any, BinaryIO

from django.core.files.storage import default_storage
from django.db.utils import OperationalError
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response
from ninja import Router

from foundation.access.address import client_address, hash_address, network_of
from foundation.access.api import public
from foundation.limits.middleware import Limited
from foundation.paging import Sort, read_limit, take_page
from foundation.texts import read_uuid
from registry.actions import count_download
from registry.api.answers import json_answer, version_base
from registry.crawlers import is_machine_looking
from registry.downloads import Kind, visit_of
from registry.errors import BytesMissing
from registry.models import Version
from registry.publishing.assets import SVG
from registry.queries import (
    assets_of,
    claimed_agent,
    find_asset,
    find_version,
    pinned_version,
    withholding_of,
)
from registry.schemas import (
    VERSION_COLUMNS,
    VersionDetail,
    VersionPage,
    asset_out,
    version_detail,
    version_item,
)

router = Router(tags=["versions"])
READ: dict[str, Any] = {"auth": public, "throttle": [Limited("read")]}
VERSIONS = "/agents/{scope}/{name}/versions"
NEWEST_FIRST = (Sort("uploaded_at", descending=True), Sort("id"))
FOREVER = "public, max-age=31536000, immutable"


@router.get(VERSIONS, response=VersionPage, **READ)
def list_versions(
    request: HttpRequest, scope: str, name: str, limit: str | None = None, cursor: str | None = None
) -> HttpResponse:
    """Every version, newest first, yanked ones and pre-releases too."""
    agent = claimed_agent(scope.lstrip("@"), name)
    rows = Version.objects.of(agent.pk).marked_withheld().values(*VERSION_COLUMNS)
    page = take_page(rows, NEWEST_FIRST, limit=read_limit(limit), cursor=cursor, name="versions")
    answer = {"items": [version_item(row) for row in page.items]}
    more = {"nextCursor": page.next_cursor} if page.next_cursor else {}
    return json_answer(answer | more)


@router.get(f"{VERSIONS}/{{version}}", response=VersionDetail, **READ)
def get_version(request: HttpRequest, scope: str, name: str, version: str) -> HttpResponse:
    """One version with its manifest and assets; the number matches exactly. Of a withheld one
    neither is given, but why."""
    agent = claimed_agent(scope.lstrip("@"), name)
    found = find_version(agent, version)
    if asked_by_key(request):
        _count(found, Kind.INSTALL, request)
    base = version_base(agent.scope, agent.name, found.version)
    held = withholding_of(found) if found.is_withheld else None
    assets = [] if held else [asset_out(asset, base) for asset in assets_of(found)]
    return json_answer(version_detail(found, assets, held))


@router.get(f"{VERSIONS}/{{version}}/tarball", auth=public)
def download_tarball(request: HttpRequest, scope: str, name: str, version: str) -> HttpResponseBase:
    """The bytes exactly as they were published. Counted; a HEAD, a 304, a crawler are no download:
    /about/numbers says what is."""
    found = pinned_version(scope.lstrip("@"), name, version)
    headers = {
        "Cache-Control": FOREVER,
        "ETag": f'"{found.tarball_sha256}"',
        "X-Content-SHA256": found.tarball_sha256,
    }
    unchanged = unchanged_answer(request, headers)
    if unchanged is not None:
        return unchanged
    stream = _open(found.tarball_r2_key)
    if getattr(request, "is_head", False):
        stream.close()
        answer: HttpResponseBase = HttpResponse(content_type="application/gzip", headers=headers)
    else:
        _count(found, kind_of(request), request)
        answer = FileResponse(
            stream,
            as_attachment=True,
            filename=f"{name.lower()}-{found.version}.tgz",
            content_type="application/gzip",
            headers=headers,
        )
    answer["Content-Length"] = str(found.tarball_size_bytes)
    return answer


def unchanged_answer(request: HttpRequest, headers: dict[str, str]) -> HttpResponseBase | None:
    """The short answer to a caller who has these bytes already, with what a cache may keep."""
    full = HttpResponse(headers=headers)
    answer = get_conditional_response(request, etag=headers["ETag"], response=full)
    return None if answer is full else answer


def _open(key: str) -> BinaryIO:
    try:
        return default_storage.open_stream(key)  # type: ignore[attr-defined]
    except FileNotFoundError as error:
        raise BytesMissing from error


def asked_by_key(request: HttpRequest) -> bool:
    return request.auth.key_id is not None  # type: ignore[attr-defined]


def kind_of(request: HttpRequest) -> Kind:
    """What the request for a tarball is, by what it says of itself."""
    if is_machine_looking(request.headers.get("User-Agent", "")):
        return Kind.CRAWL
    # It is answered with the whole, and yet it is one of the parts that somebody puts together.
    return Kind.PART if "Range" in request.headers else Kind.DOWNLOAD


def _count(version: Version, kind: Kind, request: HttpRequest) -> None:
    # Best effort, as the data model says: a count that cannot be written costs nobody the bytes.
    network = hash_address(network_of(client_address(request.META)))
    user_id = request.auth.user_id  # type: ignore[attr-defined]
    with suppress(OperationalError):
        count_download(visit_of(version, kind, network=network, user_id=user_id))


@router.get(f"{VERSIONS}/{{version}}/assets/{{asset_id}}", auth=public)
def download_asset(
    request: HttpRequest, scope: str, name: str, version: str, asset_id: str
) -> HttpResponseBase:
    """An icon or a screenshot, with the type that its bytes have. It can load and run nothing."""
    asset = find_asset(claimed_agent(scope.lstrip("@"), name), version, read_uuid(asset_id))
    headers = {
        "Cache-Control": FOREVER,
        "ETag": f'"{asset.sha256}"',
        "X-Content-SHA256": asset.sha256,
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    unchanged = unchanged_answer(request, headers)
    if unchanged is not None:
        return unchanged
    answer = FileResponse(
        _open(asset.r2_key),
        # A drawing is an image in a page and never a document of its own.
        as_attachment=asset.content_type == SVG,
        filename=asset.path.rpartition("/")[2],
        content_type=asset.content_type,
        headers=headers,
    )
    answer["Content-Length"] = str(asset.size_bytes)
    return answer

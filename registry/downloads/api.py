"""Downloads by day and version."""

from contextlib import suppress
from typing import Any, BinaryIO

from django.core.files.storage import default_storage
from django.db.utils import OperationalError
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from ninja import Field, Router, Schema

from foundation.access.address import client_address, hash_address, network_of
from foundation.access.api import public
from foundation.limits.middleware import Limited
from foundation.text.input import read_uuid
from foundation.web.conditional import FOREVER, unchanged_answer
from foundation.web.requests import Request
from foundation.web.responses import json_response
from registry.agents.api import READ, VERSIONS
from registry.agents.queries import (
    assets_of,
    claimed_agent,
    find_agent,
    find_asset,
    find_version,
    pinned_version,
    withholding_of,
)
from registry.agents.schemas import (
    VersionDetail,
    asset_out,
    version_base,
    version_detail,
)
from registry.downloads.bots import is_machine_looking
from registry.downloads.chart import Entry, Span, entries_of, read_days, span_of
from registry.downloads.recorder import Kind, count_visit, visit_of
from registry.errors import BytesMissing
from registry.models import Version
from registry.package.checks.images import SVG

router = Router(tags=["agents"])


class DownloadEntry(Schema):
    """One version on one day (UTC); what each number means is on the page /about/numbers."""

    day: str
    version: str
    downloads: int
    fetches: int
    networks: int
    signedIn: int


class DownloadChange(Schema):
    """From this day on downloads are counted in another way."""

    day: str
    description: str


class DownloadDays(Schema):
    """``from`` and ``to`` are days, both included. ``countedSince`` is the first day that the shop
    has any numbers of."""

    from_: str = Field(alias="from")
    to: str
    countedSince: str | None
    downloads: int
    fetches: int
    items: list[DownloadEntry]
    changes: list[DownloadChange]


@router.get(
    "/agents/{scope}/{name}/downloads",
    response=DownloadDays,
    auth=public,
    throttle=[Limited("read")],
    by_alias=True,
)
def list_downloads(
    request: Request, scope: str, name: str, days: str | None = None
) -> HttpResponse:
    """How often each version was downloaded on each of the last `days` days (30, at most 90), the
    newest first. A day on which nothing happened to a version has no entry."""
    span_days = read_days(days)
    agent = find_agent(scope.lstrip("@"), name, by=request.auth)
    span = span_of(span_days)
    return json_response(_answer(span, entries_of(agent, span)))


def _answer(span: Span, entries: list[Entry]) -> dict[str, Any]:
    return {
        "from": span.first,
        "to": span.last,
        "countedSince": span.counted_since,
        "downloads": sum(entry.downloads for entry in entries),
        "fetches": sum(entry.fetches for entry in entries),
        "items": [_item(entry) for entry in entries],
        "changes": [
            {"day": change.day, "description": str(change.words)} for change in span.changes
        ],
    }


def _item(entry: Entry) -> dict[str, Any]:
    return {
        "day": entry.day,
        "version": entry.version,
        "downloads": entry.downloads,
        "fetches": entry.fetches,
        "networks": entry.networks,
        "signedIn": entry.signed_in,
    }


version_router = Router(tags=["versions"])


@version_router.get(f"{VERSIONS}/{{version}}", response=VersionDetail, **READ)
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
    return json_response(version_detail(found, assets, held))


@version_router.get(f"{VERSIONS}/{{version}}/tarball", auth=public)
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
        count_visit(visit_of(version, kind, network=network, user_id=user_id))


@version_router.get(f"{VERSIONS}/{{version}}/assets/{{asset_id}}", auth=public)
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

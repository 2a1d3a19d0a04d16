"""Download counts of an agent; a version, its package and its images."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, BinaryIO

from django.core.files.storage import default_storage
from django.db.utils import OperationalError
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from ninja import Router

from foundation.access.address import client_address, hash_address, network_of
from foundation.access.api import public
from foundation.limits.middleware import Limited
from foundation.text.input import read_uuid
from foundation.web.byte_ranges import ByteRange, read_range
from foundation.web.conditional import IMMUTABLE_CACHE_CONTROL, unchanged_answer
from foundation.web.requests import Request
from foundation.web.responses import json_response
from foundation.web.stored_files import hand_over_file
from registry.agents.api import PAID_CACHE_CONTROL, READ, VERSIONS
from registry.agents.provenance import get_provenance
from registry.agents.queries import (
    find_agent,
    find_asset,
    find_pinned_version,
    find_version,
    find_visible_agent,
    get_withholding,
    list_assets,
)
from registry.agents.sales import open_version
from registry.agents.schemas import VersionDetail, asset_out, version_base, version_detail
from registry.downloads.bots import is_bot
from registry.downloads.chart import get_period, list_daily_counts, parse_days
from registry.downloads.recorder import EventKind, make_event, record_event
from registry.downloads.schemas import DownloadDays, download_days_out
from registry.errors import BytesMissing
from registry.models import Version
from registry.package.checks.checked_image import SVG
from wordclaw.payments.access.api import reader_of
from wordclaw.payments.access.credentials import Reader

router = Router(tags=["agents"])
version_router = Router(tags=["versions"])
GZIP = "application/gzip"


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
    """Downloads of each version on each of the last `days` days, newest first.

    `days` is 30 by default and at most 90. A version has no entry for a day without requests.
    """
    number_of_days = parse_days(days)
    agent = find_visible_agent(scope.lstrip("@"), name, by=request.auth)
    period = get_period(number_of_days)
    return json_response(download_days_out(period, list_daily_counts(agent, period)))


@version_router.get(f"{VERSIONS}/{{version}}", response=VersionDetail, **READ)
def get_version(request: HttpRequest, scope: str, name: str, version: str) -> HttpResponse:
    """One version with its manifest and assets; the number must match exactly.

    A withheld version has neither, but the reason.
    """
    agent = find_agent(scope.lstrip("@"), name)
    version_row = find_version(agent, version)
    if has_api_key(request):
        _record(version_row, EventKind.INSTALL, request)
    base = version_base(agent.scope, agent.name, version_row.version)
    withholding = get_withholding(version_row) if version_row.is_withheld else None
    assets = [] if withholding else [asset_out(asset, base) for asset in list_assets(version_row)]
    provenance = get_provenance([version_row.pk]).get(version_row.pk)
    return json_response(version_detail(version_row, assets, withholding, provenance))


@version_router.get(f"{VERSIONS}/{{version}}/tarball", auth=public)
def download_tarball(request: HttpRequest, scope: str, name: str, version: str) -> HttpResponseBase:
    """The package, byte for byte as it was published.

    Counts as a download, except for HEAD and conditional requests and for crawlers:
    see /about/numbers. 402 if it has a price and the reader no right to it.
    """
    version_row = find_pinned_version(scope.lstrip("@"), name, version)
    reader = reader_of(request, request.auth)  # type: ignore[attr-defined]
    return send_tarball(request, version_row, scope, name, reader)


def send_tarball(
    request: HttpRequest, version_row: Version, scope: str, name: str, reader: Reader
) -> HttpResponseBase:
    """The package for a reader, after its gate. Raises what `open_version` raises."""
    is_paid = (
        version_row.has_offers
        and open_version(find_agent(scope.lstrip("@"), name), version_row.version, reader).is_gated
    )
    headers = {
        "Cache-Control": PAID_CACHE_CONTROL if is_paid else IMMUTABLE_CACHE_CONTROL,
        "ETag": f'"{version_row.tarball_sha256}"',
        "X-Content-SHA256": version_row.tarball_sha256,
        "Accept-Ranges": "bytes",
    }
    not_modified = unchanged_answer(request, headers)
    if not_modified is not None:
        return not_modified
    size = version_row.tarball_size_bytes
    part = read_range(request, size, headers["ETag"])
    is_head = getattr(request, "is_head", False)
    filename = f"{name.lower()}-{version_row.version}.tgz"
    # Parts are few, and the proxy does not know our ETag.
    response = None if part or is_head else _hand_over_tarball(version_row, filename, headers)
    if response is None:
        response = _send_tarball(version_row, filename, headers, part, is_head=is_head)
    if not is_head:
        _record(version_row, event_kind(request), request)
    return response


def _hand_over_tarball(
    version: Version, filename: str, headers: dict[str, str]
) -> HttpResponseBase | None:
    with refusing_absence():
        return hand_over_file(
            version.tarball_r2_key,
            filename=filename,
            content_type=GZIP,
            headers=headers,
            as_attachment=True,
            may_redirect=True,
        )


def _send_tarball(
    version: Version,
    filename: str,
    headers: dict[str, str],
    part: ByteRange | None,
    *,
    is_head: bool,
) -> HttpResponseBase:
    stream, size = _open(version.tarball_r2_key, part), version.tarball_size_bytes
    if is_head:
        stream.close()
        response: HttpResponseBase = HttpResponse(content_type=GZIP, headers=headers)
    else:
        response = FileResponse(
            stream, as_attachment=True, filename=filename, content_type=GZIP, headers=headers
        )
    response["Content-Length"] = str(part.size if part else size)
    if part:
        response.status_code = 206
        response["Content-Range"] = part.content_range(size)
    return response


@contextmanager
def refusing_absence() -> Iterator[None]:
    """Raise BytesMissing for a file that is not stored."""
    try:
        yield
    except FileNotFoundError as error:
        raise BytesMissing from error


def _open(key: str, part: ByteRange | None = None) -> BinaryIO:
    with refusing_absence():
        if part:
            return default_storage.open_range(key, part.start, part.size)  # type: ignore[attr-defined]
        return default_storage.open_stream(key)  # type: ignore[attr-defined]


def has_api_key(request: HttpRequest) -> bool:
    """Whether a client asks that installs; a language model only reads."""
    if request.auth.door == "mcp":  # type: ignore[attr-defined]
        return False
    return request.auth.key_id is not None  # type: ignore[attr-defined]


def event_kind(request: HttpRequest) -> EventKind:
    """The kind of a request for a package, from its headers."""
    if is_bot(request.headers.get("User-Agent", "")):
        return EventKind.CRAWL
    # A client with ranges puts the parts of several requests together.
    return EventKind.PART if "Range" in request.headers else EventKind.DOWNLOAD


def _record(version: Version, kind: EventKind, request: HttpRequest) -> None:
    network = hash_address(network_of(client_address(request.META)))
    user_id = request.auth.user_id  # type: ignore[attr-defined]
    # A count that cannot be written must not fail the download.
    with suppress(OperationalError):
        record_event(make_event(version, kind, network=network, user_id=user_id))


@version_router.get(f"{VERSIONS}/{{version}}/assets/{{asset_id}}", auth=public)
def download_asset(
    request: HttpRequest, scope: str, name: str, version: str, asset_id: str
) -> HttpResponseBase:
    """An icon or screenshot, with the type that its bytes have.

    The response headers forbid it to run or to load anything.
    """
    asset = find_asset(find_agent(scope.lstrip("@"), name), version, read_uuid(asset_id))
    headers = {
        "Cache-Control": IMMUTABLE_CACHE_CONTROL,
        "ETag": f'"{asset.sha256}"',
        "X-Content-SHA256": asset.sha256,
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    not_modified = unchanged_answer(request, headers)
    if not_modified is not None:
        return not_modified
    file: dict[str, Any] = {
        # An SVG is an image in a page, but never a document of its own.
        "as_attachment": asset.content_type == SVG,
        "filename": asset.path.rpartition("/")[2],
        "content_type": asset.content_type,
        "headers": headers,
    }
    with refusing_absence():
        # The policy of our pages allows no pictures of the bucket's host.
        handed_over = hand_over_file(asset.r2_key, may_redirect=False, **file)
    if handed_over is not None:
        return handed_over
    response = FileResponse(_open(asset.r2_key), **file)
    response["Content-Length"] = str(asset.size_bytes)
    return response

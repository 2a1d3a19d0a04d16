"""JSON endpoints of assets, and their bytes."""

from typing import Any

from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from ninja import Router

from foundation.access.api import public, signed_in
from foundation.clock import iso
from foundation.limits.middleware import Limited
from foundation.paging import fetch_page, read_limit
from foundation.web.conditional import unchanged_answer
from foundation.web.responses import json_response
from foundation.web.schemas import Done
from foundation.web.stored_files import hand_over_file
from wordclaw.content.assets.actions import add_asset, authorize_upload, delete_asset
from wordclaw.content.assets.errors import ContentAssetNotFound
from wordclaw.content.assets.links import sign_link
from wordclaw.content.assets.multipart import read_asset_upload
from wordclaw.content.assets.queries import NEWEST_FIRST, assets_of, find_asset, find_members_asset
from wordclaw.content.assets.schemas import (
    AssetLinkIn,
    AssetLinkOut,
    AssetPage,
    ContentAssetOut,
    asset_out,
    asset_url,
)
from wordclaw.content.assets.upload import JudgedUpload, judge_upload
from wordclaw.content.items.references import used_by
from wordclaw.content.items.schemas import UsedByOut, used_by_out
from wordclaw.content.models.assets import Asset
from wordclaw.policy.actions import find_domain
from wordclaw.policy.models import Domain
from wordclaw.requests.api import (
    READ,
    WRITE,
    Answer,
    actor_of,
    cursor_errors,
    is_dry_run,
    page_response,
    start_idempotent_request,
    write,
)

router = Router(tags=["assets"])
ASSETS = "/domains/{domain}/assets"
ASSET = ASSETS + "/{asset_id}"
UPLOAD_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "name": {"type": "string", "description": "Instead of the file's name"},
                        "access": {"type": "string", "enum": ["public", "signed"]},
                    },
                }
            }
        },
    }
}
# The bytes come from a stranger and are served from our origin: the browser must run nothing.
SANDBOX = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
# Short, so that a deleted asset is soon gone from the caches of readers.
PUBLIC_CACHE, PRIVATE_CACHE = "public, max-age=300", "private, no-store"


@router.get(
    ASSETS, auth=signed_in, throttle=READ, response=AssetPage, summary="Assets, newest first"
)
@cursor_errors
def list_assets(
    request: HttpRequest, domain: str, limit: str | None = None, cursor: str | None = None
) -> HttpResponse:
    by = actor_of(request)
    page = fetch_page(
        assets_of(find_domain(domain, by), by=by),
        NEWEST_FIRST,
        limit=read_limit(limit),
        cursor=cursor,
        name="assets",
    )
    return page_response([asset_out(asset) for asset in page.items], page.next_cursor)


@router.post(
    ASSETS,
    auth=signed_in,
    # The body is too large for the hook of other writes, which reads it into memory.
    throttle=[Limited("content")],
    response={201: ContentAssetOut},
    summary="Upload an asset",
    openapi_extra=UPLOAD_BODY,
)
def upload(request: HttpRequest, domain: str) -> HttpResponse:
    """Upload a file of at most 20 MiB.

    Images are encoded again; PDFs and texts are stored unchanged.
    """
    by = actor_of(request)
    place = find_domain(domain, by)
    # Before the body, so that a stranger cannot make the server read a large file in vain.
    authorize_upload(place, by=by)
    asset_upload = read_asset_upload(request)
    # After the file was read, because the key is bound to the content; before it is judged, because
    # a repetition must not cost that again.
    start_idempotent_request(request, asset_upload.digest)
    return store_upload(request, place, judge_upload(asset_upload))


@write
def store_upload(request: HttpRequest, place: Domain, judged_upload: JudgedUpload) -> Answer:
    asset = add_asset(place, judged_upload, is_dry_run=is_dry_run(request), by=actor_of(request))
    return Answer(asset_out(asset), status=201)


@router.get(ASSET, auth=public, throttle=READ, response=ContentAssetOut, summary="One asset")
def read(request: HttpRequest, domain: str, asset_id: str) -> HttpResponse:
    by = actor_of(request)
    return json_response(asset_out(find_asset(find_domain(domain, by), asset_id, by=by)))


@router.delete(ASSET, auth=signed_in, throttle=WRITE, response=Done, summary="Delete an asset")
@write
def delete(request: HttpRequest, domain: str, asset_id: str) -> Answer:
    by = actor_of(request)
    delete_asset(find_domain(domain, by), asset_id, by=by)
    return Answer({"ok": True})


@router.get(
    ASSET + "/used-by",
    auth=signed_in,
    throttle=READ,
    response=UsedByOut,
    summary="Where an asset is used",
)
def list_asset_uses(request: HttpRequest, domain: str, asset_id: str) -> HttpResponse:
    by = actor_of(request)
    asset = find_members_asset(find_domain(domain, by), asset_id, by=by)
    return json_response(used_by_out(used_by("asset", str(asset.pk))))


@router.post(
    ASSET + "/signed-url",
    auth=signed_in,
    throttle=WRITE,
    response={201: AssetLinkOut},
    summary="Create a link to the bytes for a time",
)
@write
def create_link(
    request: HttpRequest, domain: str, asset_id: str, body: AssetLinkIn | None = None
) -> Answer:
    by = actor_of(request)
    asset = find_members_asset(find_domain(domain, by), asset_id, by=by)
    link = sign_link(asset, ttl_seconds=(body or AssetLinkIn()).ttlSeconds)
    answer = {
        "url": f"{asset_url(asset)}?token={link.token}",
        "token": link.token,
        "expiresAt": iso(link.expires_at),
    }
    # A link is stored nowhere, so that of a dry run would work.
    return Answer(answer, status=201, secret_keys=frozenset({"token", "url"}))


@router.get(ASSET + "/content", auth=public, throttle=READ, summary="The bytes of an asset")
def download(
    request: HttpRequest, domain: str, asset_id: str, token: str | None = None
) -> HttpResponseBase:
    """Assets with signed access need a link's `token` or a member's key."""
    by = actor_of(request)
    asset = find_asset(find_domain(domain, by), asset_id, token=token, by=by)
    headers = content_headers(asset)
    return unchanged_answer(request, headers) or send_asset(asset, headers)


def content_headers(asset: Asset) -> dict[str, str]:
    return SANDBOX | {
        "Cache-Control": PUBLIC_CACHE if asset.is_public else PRIVATE_CACHE,
        "ETag": f'"{asset.sha256}"',
        "X-Content-SHA256": str(asset.sha256),
    }


def send_asset(asset: Asset, headers: dict[str, str]) -> HttpResponseBase:
    storage: Any = default_storage
    key = str(asset.storage_key)
    file: dict[str, Any] = {
        # A PDF or a text of a stranger is never a document of our origin.
        "as_attachment": not asset.is_image,
        "filename": asset.name,
        "content_type": asset.content_type,
        "headers": headers,
    }
    try:
        # The policy of our pages allows no pictures of the bucket's host.
        handed_over = hand_over_file(key, may_redirect=False, **file)
        if handed_over is not None:
            return handed_over
        response = FileResponse(storage.open_stream(key), **file)
    except FileNotFoundError:
        # An import without files has rows alone.
        raise ContentAssetNotFound from None
    response["Content-Length"] = str(asset.size_bytes)
    return response

"""JSON endpoints of versions, for members alone."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from foundation.access.api import public
from foundation.paging import Sort, fetch_page, read_limit
from foundation.web.responses import json_response
from wordclaw.content.items.queries import find_members_item, find_version, versions_of
from wordclaw.content.items.schemas import (
    ItemDiffOut,
    ItemVersionOut,
    ItemVersionPage,
    version_out,
)
from wordclaw.policy.actions import find_domain
from wordclaw.requests.api import READ, actor_of, cursor_errors, page_response
from wordclaw.schema.diff import diff_documents

router = Router(tags=["content items"])
ITEM = "/domains/{domain}/content-items/{item_id}"
NEWEST_VERSION_FIRST = (Sort("version", descending=True), Sort("id"))


@router.get(
    ITEM + "/versions",
    auth=public,
    throttle=READ,
    response=ItemVersionPage,
    summary="Versions, newest first",
)
@cursor_errors
def list_versions(
    request: HttpRequest,
    domain: str,
    item_id: str,
    limit: str | None = None,
    cursor: str | None = None,
) -> HttpResponse:
    by = actor_of(request)
    item = find_members_item(find_domain(domain, by), item_id, by=by)
    page = fetch_page(
        versions_of(item),
        NEWEST_VERSION_FIRST,
        limit=read_limit(limit),
        cursor=cursor,
        name="versions",
    )
    rows = [version_out(version) for version in page.items]
    return page_response(rows, page.next_cursor)


@router.get(
    ITEM + "/versions/{int:old}...{int:new}",
    auth=public,
    throttle=READ,
    response=ItemDiffOut,
    by_alias=True,
    summary="Differences between two versions, field by field",
)
def compare(request: HttpRequest, domain: str, item_id: str, old: int, new: int) -> HttpResponse:
    by = actor_of(request)
    item = find_members_item(find_domain(domain, by), item_id, by=by)
    before, after = find_version(item, old), find_version(item, new)
    changes = diff_documents(before.data, after.data)
    return json_response(
        {"from": old, "to": new, "changes": [change.as_json() for change in changes]}
    )


@router.get(
    ITEM + "/versions/{int:version}",
    auth=public,
    throttle=READ,
    response=ItemVersionOut,
    summary="One version",
)
def read_version(request: HttpRequest, domain: str, item_id: str, version: int) -> HttpResponse:
    by = actor_of(request)
    item = find_members_item(find_domain(domain, by), item_id, by=by)
    return json_response(version_out(find_version(item, version), with_data=True))

"""JSON endpoints of content items, versions, globals and previews."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from foundation.access.api import public, signed_in
from foundation.limits.middleware import charged_by_time
from foundation.paging import read_limit
from foundation.web.responses import json_response
from foundation.web.schemas import Done
from wordclaw.content.items import actions, deletion
from wordclaw.content.items.batch import BatchOperation, run_batch
from wordclaw.content.items.filters import ItemFilters, read_field_filters
from wordclaw.content.items.listing import fetch_items
from wordclaw.content.items.queries import (
    find_item,
    find_members_item,
    read_locale,
    view_item,
)
from wordclaw.content.items.references import used_by
from wordclaw.content.items.schemas import (
    BatchIn,
    BatchOut,
    ItemIn,
    ItemOut,
    ItemPage,
    MessageIn,
    RollbackIn,
    UsedByOut,
    batch_out,
    item_out,
    listed_item_out,
    used_by_out,
)
from wordclaw.content.lookup import find_readable_type
from wordclaw.content.models import ContentItem
from wordclaw.content.paywall import NO_PAYWALL, gate_of, paywall_of
from wordclaw.payments.access.actions import open_gate
from wordclaw.payments.access.api import reader_of
from wordclaw.payments.access.queries import FREE
from wordclaw.policy.actions import authorize, find_domain
from wordclaw.requests.api import (
    READ,
    WRITE,
    Answer,
    actor_of,
    cursor_errors,
    expected_version,
    is_dry_run,
    page_response,
    read_version_tag,
    version_tag,
    write,
    write_of_version,
)

router = Router(tags=["content items"])
DOMAIN = "/domains/{domain}"
ITEMS = DOMAIN + "/content-types/{slug}/items"
ITEM = DOMAIN + "/content-items/{item_id}"


def draft_answer(item: ContentItem, status: int = 200) -> Answer:
    """The working copy after a write, with its version as ETag."""
    body = item_out(view_item(item, draft=True))
    return Answer(body, status=status, headers=version_tag(item.version))


@router.get(ITEMS, auth=public, throttle=READ, response=ItemPage, summary="Items of a content type")
@cursor_errors
def list_items(
    request: HttpRequest,
    domain: str,
    slug: str,
    draft: bool = False,
    status: str | None = None,
    q: str | None = None,
    createdAfter: str | None = None,
    createdBefore: str | None = None,
    sort: str | None = None,
    locale: str | None = None,
    fallbackLocale: str | None = None,
    limit: str | None = None,
    cursor: str | None = None,
) -> HttpResponse:
    by = actor_of(request)
    content_type = find_readable_type(find_domain(domain, by), slug, by)
    # A public type is readable by all readers, but its working copies are not.
    if draft:
        authorize(
            by,
            "content.read",
            content_type.domain,
            resource_type="content_type",
            resource_id=slug,
        )
    # Before the list is read: an unsupported language is refused also where the list is empty.
    language = read_locale(content_type, locale, fallbackLocale)
    filters = ItemFilters(
        draft=draft,
        status=status,
        q=q,
        created_after=createdAfter,
        created_before=createdBefore,
        sort=sort,
        fields=read_field_filters(request.GET),
        locale=locale,
    )
    # Members, who alone see drafts, read their own freely.
    paywall = NO_PAYWALL if draft else paywall_of(content_type, by)
    with charged_by_time(request, "read"):
        page = fetch_items(
            content_type, filters, by=by, paywall=paywall, limit=read_limit(limit), cursor=cursor
        )
    rows = [
        listed_item_out(item, content_type, language, paywall.offer_of(item.id))
        for item in page.items
    ]
    return page_response(rows, page.next_cursor)


@router.post(
    ITEMS, auth=signed_in, throttle=WRITE, response={201: ItemOut}, summary="Create an item"
)
@write
def create(request: HttpRequest, domain: str, slug: str, body: ItemIn) -> Answer:
    by = actor_of(request)
    item = actions.create_item(
        find_domain(domain, by), slug, body.data, message=body.message, by=by
    )
    return draft_answer(item, status=201)


@router.post(
    ITEMS + "/batch",
    auth=signed_in,
    throttle=WRITE,
    response=BatchOut,
    summary="Write many items at once",
)
@write
def batch(
    request: HttpRequest, domain: str, slug: str, body: BatchIn, atomic: bool = False
) -> Answer:
    by = actor_of(request)
    operations = [
        BatchOperation(
            operation.op,
            operation.id,
            operation.data,
            # Clients copy the ETag of an answer, which has quotes, or its version, which has none.
            None if operation.ifMatch is None else read_version_tag(operation.ifMatch.strip('"')),
        )
        for operation in body.items
    ]
    results = run_batch(find_domain(domain, by), slug, operations, atomic=atomic, by=by)
    rows = [batch_out(result) for result in results]
    if is_dry_run(request):
        # As for a single creation: the item does not exist afterwards.
        rows = [
            row | {"id": None} if operation.op == "create" and row["ok"] else row
            for operation, row in zip(operations, rows, strict=True)
        ]
    return Answer({"atomic": atomic, "results": rows})


@router.get(ITEM, auth=public, throttle=READ, response=ItemOut, summary="One item")
def read(
    request: HttpRequest,
    domain: str,
    item_id: str,
    draft: bool = False,
    locale: str | None = None,
    fallbackLocale: str | None = None,
) -> HttpResponse:
    by = actor_of(request)
    item = find_item(find_domain(domain, by), item_id, draft=draft, by=by)
    language = read_locale(item.content_type, locale, fallbackLocale)
    return item_response(request, item, draft=draft, language=language)


def item_response(
    request: HttpRequest, item: ContentItem, *, draft: bool, language: Any
) -> HttpResponse:
    """Return an item to a reader; what has a price, to its buyers alone.

    Raises PaymentRequired, and what `open_gate` raises.
    """
    by = actor_of(request)
    view = view_item(item, draft=draft, locale=language)
    # After all other checks: a refused read must not use up a read of the buyer.
    access = FREE if draft else open_gate(gate_of(item, by), reader_of(request, by))
    response = json_response(item_out(view))
    if access.is_gated:
        response["Cache-Control"] = "private, no-store"
    # Of the version that is shown, so that a reader's copy stays valid while members edit the
    # draft.
    response["ETag"] = version_tag(view.version)["ETag"]
    return response


@router.put(
    ITEM, auth=signed_in, throttle=WRITE, response=ItemOut, summary="Replace the data of an item"
)
@write_of_version
def replace(request: HttpRequest, domain: str, item_id: str, body: ItemIn) -> Answer:
    by = actor_of(request)
    item = actions.replace_data(
        find_domain(domain, by),
        item_id,
        body.data,
        expected_version=expected_version(request),
        message=body.message,
        by=by,
    )
    return draft_answer(item)


@router.patch(
    ITEM,
    auth=signed_in,
    throttle=WRITE,
    response=ItemOut,
    summary="Change parts of the data of an item",
)
@write_of_version
def patch(request: HttpRequest, domain: str, item_id: str, body: ItemIn) -> Answer:
    by = actor_of(request)
    item = actions.patch_data(
        find_domain(domain, by),
        item_id,
        body.data,
        expected_version=expected_version(request),
        message=body.message,
        by=by,
    )
    return draft_answer(item)


@router.delete(ITEM, auth=signed_in, throttle=WRITE, response=Done, summary="Delete an item")
@write_of_version
def delete(request: HttpRequest, domain: str, item_id: str) -> Answer:
    by = actor_of(request)
    deletion.delete_item(
        find_domain(domain, by), item_id, expected_version=expected_version(request), by=by
    )
    return Answer({"ok": True})


@router.post(
    ITEM + "/restore", auth=signed_in, throttle=WRITE, response=ItemOut, summary="Undo a deletion"
)
@write
def restore(request: HttpRequest, domain: str, item_id: str) -> Answer:
    by = actor_of(request)
    return draft_answer(deletion.restore_item(find_domain(domain, by), item_id, by=by))


@router.post(
    ITEM + "/publish",
    auth=signed_in,
    throttle=WRITE,
    response=ItemOut,
    summary="Publish the working copy",
)
@write
def publish(
    request: HttpRequest, domain: str, item_id: str, body: MessageIn | None = None
) -> Answer:
    return change_state(request, "publish", domain, item_id, body)


@router.post(
    ITEM + "/unpublish",
    auth=signed_in,
    throttle=WRITE,
    response=ItemOut,
    summary="Take an item from readers",
)
@write
def unpublish(
    request: HttpRequest, domain: str, item_id: str, body: MessageIn | None = None
) -> Answer:
    return change_state(request, "unpublish", domain, item_id, body)


@router.post(
    ITEM + "/archive", auth=signed_in, throttle=WRITE, response=ItemOut, summary="Put an item away"
)
@write_of_version
def archive(
    request: HttpRequest, domain: str, item_id: str, body: MessageIn | None = None
) -> Answer:
    return change_state(request, "archive", domain, item_id, body)


def change_state(
    request: HttpRequest, name: str, domain: str, item_id: str, body: MessageIn | None
) -> Answer:
    by = actor_of(request)
    item = actions.STATE_CHANGES[name](
        find_domain(domain, by),
        item_id,
        expected_version=expected_version(request),
        message=body.message if body else "",
        by=by,
    )
    return draft_answer(item)


@router.post(
    ITEM + "/rollback",
    auth=signed_in,
    throttle=WRITE,
    response=ItemOut,
    summary="Make a draft with the data of a former version",
)
@write_of_version
def rollback(request: HttpRequest, domain: str, item_id: str, body: RollbackIn) -> Answer:
    by = actor_of(request)
    item = actions.roll_back_item(
        find_domain(domain, by),
        item_id,
        body.version,
        expected_version=expected_version(request),
        message=body.message,
        by=by,
    )
    return draft_answer(item)


@router.get(
    ITEM + "/used-by",
    auth=public,
    throttle=READ,
    response=UsedByOut,
    summary="Where an item is used",
)
def list_uses(request: HttpRequest, domain: str, item_id: str) -> HttpResponse:
    by = actor_of(request)
    item = find_members_item(find_domain(domain, by), item_id, by=by)
    return json_response(used_by_out(used_by("content_item", str(item.pk))))

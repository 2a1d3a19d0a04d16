"""JSON endpoints of content types."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from foundation.access.api import public, signed_in
from foundation.paging import fetch_page, read_limit
from foundation.web.responses import json_response
from foundation.web.schemas import Done
from wordclaw.content.lookup import BY_SLUG, find_readable_type, readable_types
from wordclaw.content.types.actions import (
    change_content_type,
    check_schema,
    create_content_type,
    delete_content_type,
)
from wordclaw.content.types.artifacts import print_artifact
from wordclaw.content.types.queries import statistics_of
from wordclaw.content.types.schemas import (
    ContentTypeChanges,
    ContentTypeIn,
    ContentTypeOut,
    ContentTypePage,
    SchemaCheckOut,
    SchemaIn,
    type_out,
)
from wordclaw.policy.actions import find_domain
from wordclaw.requests.api import READ, WRITE, Answer, actor_of, cursor_errors, page_response, write

router = Router(tags=["content types"])
TYPES = "/domains/{domain}/content-types"


@router.get(
    TYPES,
    auth=public,
    throttle=READ,
    response=ContentTypePage,
    by_alias=True,
    summary="Content types of a domain",
)
@cursor_errors
def list_types(
    request: HttpRequest,
    domain: str,
    includeStats: bool = False,
    limit: str | None = None,
    cursor: str | None = None,
) -> HttpResponse:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    types = readable_types(tenant, by)
    page = fetch_page(types, BY_SLUG, limit=read_limit(limit), cursor=cursor, name="types")
    statistics = statistics_of(page.items, tenant, by=by) if includeStats else {}
    items = [type_out(content_type, statistics.get(content_type.pk)) for content_type in page.items]
    return page_response(items, page.next_cursor)


@router.post(
    TYPES,
    auth=signed_in,
    throttle=WRITE,
    response={201: ContentTypeOut},
    by_alias=True,
    summary="Create a content type",
)
@write
def create(request: HttpRequest, domain: str, data: ContentTypeIn) -> Answer:
    by = actor_of(request)
    fields = data.model_dump(exclude={"json_schema", "schemaManifest"})
    content_type = create_content_type(
        find_domain(domain, by),
        fields,
        schema=data.json_schema,
        manifest=data.schemaManifest,
        by=by,
    )
    return Answer(type_out(content_type), status=201)


@router.get(
    TYPES + "/{slug}",
    auth=public,
    throttle=READ,
    response=ContentTypeOut,
    by_alias=True,
    summary="One content type",
)
def read(request: HttpRequest, domain: str, slug: str, includeStats: bool = False) -> HttpResponse:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    content_type = find_readable_type(tenant, slug, by)
    statistics = statistics_of([content_type], tenant, by=by) if includeStats else {}
    return json_response(type_out(content_type, statistics.get(content_type.pk)))


@router.patch(
    TYPES + "/{slug}",
    auth=signed_in,
    throttle=WRITE,
    response=ContentTypeOut,
    by_alias=True,
    summary="Change a content type",
)
@write
def change(request: HttpRequest, domain: str, slug: str, data: ContentTypeChanges) -> Answer:
    by = actor_of(request)
    fields = data.model_dump(
        # No slug: it is part of addresses that readers and other content have.
        include={"name", "kind", "description", "visibility"},
        exclude_none=True,
    )
    content_type = change_content_type(
        find_domain(domain, by),
        slug,
        fields,
        schema=data.json_schema,
        manifest=data.schemaManifest,
        allow_breaking=data.allowBreaking,
        by=by,
    )
    return Answer(type_out(content_type))


@router.delete(
    TYPES + "/{slug}",
    auth=signed_in,
    throttle=WRITE,
    response=Done,
    summary="Delete a content type",
)
@write
def delete(request: HttpRequest, domain: str, slug: str) -> Answer:
    by = actor_of(request)
    delete_content_type(find_domain(domain, by), slug, by=by)
    return Answer({"ok": True})


@router.post(
    TYPES + "/{slug}/check-schema",
    auth=signed_in,
    throttle=READ,
    response=SchemaCheckOut,
    summary="Which published items a new schema would break",
)
def check(request: HttpRequest, domain: str, slug: str, data: SchemaIn) -> HttpResponse:
    by = actor_of(request)
    broken_items = check_schema(
        find_domain(domain, by), slug, schema=data.json_schema, manifest=data.schemaManifest, by=by
    )
    items = [item.as_json() for item in broken_items]
    return json_response({"compatible": not broken_items, "items": items})


@router.get(
    TYPES + "/{slug}/artifacts/{kind}",
    auth=public,
    throttle=READ,
    summary="The schema as code: jsonschema, typescript, zod or python",
)
def artifact(request: HttpRequest, domain: str, slug: str, kind: str) -> HttpResponse:
    by = actor_of(request)
    content_type = find_readable_type(find_domain(domain, by), slug, by)
    text = print_artifact(content_type, kind)
    # Plain text, so that no browser runs code that a stranger's schema has shaped.
    media_type = "application/json" if kind == "jsonschema" else "text/plain; charset=utf-8"
    return HttpResponse(text, content_type=media_type)

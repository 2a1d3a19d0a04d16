"""JSON endpoints of globals."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from foundation.access.api import public, signed_in
from wordclaw.content.items.api import draft_answer, item_response
from wordclaw.content.items.queries import read_locale
from wordclaw.content.items.schemas import ItemIn, ItemOut
from wordclaw.content.lookup import readable_types
from wordclaw.content.singletons.actions import write_global
from wordclaw.content.singletons.queries import find_global
from wordclaw.content.types.schemas import ContentTypePage, type_out
from wordclaw.policy.actions import find_domain
from wordclaw.requests.api import (
    READ,
    WRITE,
    Answer,
    actor_of,
    expected_version,
    page_response,
    write_of_version,
)

router = Router(tags=["globals"])
GLOBALS = "/domains/{domain}/globals"


@router.get(
    GLOBALS,
    auth=public,
    throttle=READ,
    response=ContentTypePage,
    by_alias=True,
    summary="Singletons of a domain",
)
def list_globals(request: HttpRequest, domain: str) -> HttpResponse:
    by = actor_of(request)
    types = readable_types(find_domain(domain, by), by).filter(kind="singleton")
    rows = [type_out(content_type) for content_type in types.order_by("slug")]
    return page_response(rows)


@router.get(
    GLOBALS + "/{slug}",
    auth=public,
    throttle=READ,
    response=ItemOut,
    summary="The document of a singleton",
)
def read_global(
    request: HttpRequest,
    domain: str,
    slug: str,
    draft: bool = False,
    locale: str | None = None,
    fallbackLocale: str | None = None,
) -> HttpResponse:
    by = actor_of(request)
    content_type, item = find_global(find_domain(domain, by), slug, draft=draft, by=by)
    return item_response(
        request, item, draft=draft, language=read_locale(content_type, locale, fallbackLocale)
    )


@router.put(
    GLOBALS + "/{slug}",
    auth=signed_in,
    throttle=WRITE,
    response={200: ItemOut, 201: ItemOut},
    summary="Write the document of a singleton",
)
@write_of_version
def put_global(request: HttpRequest, domain: str, slug: str, body: ItemIn) -> Answer:
    by = actor_of(request)
    item, is_new = write_global(
        find_domain(domain, by),
        slug,
        body.data,
        expected_version=expected_version(request),
        message=body.message,
        by=by,
    )
    return draft_answer(item, status=201 if is_new else 200)

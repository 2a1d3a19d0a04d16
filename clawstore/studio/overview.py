"""The studio's lists: domains of a member, types, and items of a type."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from clawstore.studio.doors import StudioRequest, studio_page
from clawstore.studio.frame import frame
from clawstore.studio.queries import (
    SORTS,
    STATES,
    ListQuery,
    add_prices_of_items,
    add_prices_of_types,
    item_rows,
    items_of_page,
    listed_ids,
    recent_items,
    scheduled_jobs,
    type_rows,
    usage_of,
)
from foundation.paging import numbered_page
from foundation.web.requests import Request
from profiles.queries import scope_of
from wordclaw.content.lookup import find_type
from wordclaw.content.models import ContentType
from wordclaw.content.rules import compiled_schema
from wordclaw.content.singletons.queries import document_of
from wordclaw.policy.models import Domain
from wordclaw.policy.queries import memberships_of, role_in_store

ITEMS_PER_PAGE = 25


@never_cache
@login_required
@require_safe
def index(request: Request) -> HttpResponse:
    """The domains that the reader belongs to, and invitations to others."""
    user = request.actor.require_user()
    memberships = list(memberships_of(user.pk))
    context = {
        "scope": scope_of(user.pk),
        "memberships": [membership for membership in memberships if membership.accepted_at],
        "invitations": [membership for membership in memberships if not membership.accepted_at],
        "store_role": role_in_store(request.actor),
    }
    return render(request, "studio/index.html", context)


@studio_page()
def overview(request: StudioRequest, domain: Domain) -> HttpResponse:
    """The content types of a domain, and what was changed last."""
    q = request.GET.get("q", "").strip()[:100]
    # All types, also with a search: the usage below counts them.
    rows = type_rows(domain)
    add_prices_of_types(domain, rows)
    context = frame(request, domain, tab="content") | {
        "rows": [row for row in rows if _matches(row.content_type, q)],
        "q": q,
        "usage": usage_of(rows),
        "recent": recent_items(domain, by=request.actor),
    }
    return render(request, "studio/overview.html", context)


def _matches(content_type: ContentType, q: str) -> bool:
    return q.lower() in f"{content_type.name} {content_type.slug}".lower()


@studio_page()
def type_items(request: StudioRequest, domain: Domain, slug: str) -> HttpResponse:
    """The items of a content type; for a singleton its document."""
    content_type = find_type(domain, slug)
    if content_type.is_singleton:
        item = document_of(content_type)
        if item is None:
            return redirect("studio_new_item", domain, slug)
        return redirect("studio_item", domain, item.pk)
    return render(request, "studio/items.html", _list_context(request, domain, content_type))


def _list_context(
    request: StudioRequest, domain: Domain, content_type: ContentType
) -> dict[str, Any]:
    localization = compiled_schema(content_type).localization
    languages = localization.supported_tags if localization else ()
    missing_name = request.GET.get("missing", "")
    sort = request.GET.get("sort", "")
    query = ListQuery(
        q=request.GET.get("q", "").strip(),
        state=request.GET.get("state", ""),
        # The language becomes a key of a JSON path, so only declared ones pass.
        missing_language=missing_name if missing_name in languages else "",
        # An old link with a filter that is gone still shows a list.
        sort=sort if sort in SORTS else "-updatedAt",
    )
    jobs = scheduled_jobs(domain)
    pages = Paginator(listed_ids(content_type, query, jobs, by=request.actor), ITEMS_PER_PAGE)
    page = numbered_page(pages, request.GET.get("page"))
    rows = item_rows(items_of_page(list(page.object_list)), jobs)
    return frame(request, domain, tab="content") | {
        "content_type": content_type,
        "price": add_prices_of_items(content_type, rows),
        "list_query": query,
        "states": STATES,
        "languages": languages,
        "page": page,
        "rows": rows,
    }

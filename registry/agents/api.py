"""Categories, one agent, and its versions."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from foundation.access.api import public
from foundation.limits.middleware import Limited
from foundation.paging import Sort, fetch_page, read_limit
from foundation.web.requests import Request
from foundation.web.responses import json_response
from registry.agents.deprecation import version_deprecation
from registry.agents.queries import (
    find_agent,
    find_visible_agent_values,
    list_categories,
    list_tags,
)
from registry.agents.schemas import (
    DETAIL_COLUMNS,
    VERSION_COLUMNS,
    AgentDetail,
    CategoryOut,
    VersionPage,
    agent_detail,
    version_item,
)
from registry.models import Category, Version

router = Router(tags=["agents"])
READ: dict[str, Any] = {"auth": public, "throttle": [Limited("read")]}
# What has a price is one reader's: a cache that several share would give it to all.
PAID_CACHE_CONTROL = "private, no-store"
VERSIONS = "/agents/{scope}/{name}/versions"
# The id makes the order total: imported versions may have the same time.
NEWEST_FIRST = (Sort("uploaded_at", descending=True), Sort("id"))


@router.get("/categories", response=list[CategoryOut], tags=["categories"], **READ)
def read_categories(request: Request) -> HttpResponse:
    """All categories, in the order of the site."""
    return json_response([_category(category) for category in list_categories()])


def _category(category: Category) -> dict[str, Any]:
    return {
        "id": category.pk,
        "name": category.name,
        "icon": category.icon,
        "sortOrder": category.sort_order,
    }


@router.get("/agents/{scope}/{name}", response=AgentDetail, by_alias=True, **READ)
def read_agent(request: Request, scope: str, name: str) -> HttpResponse:
    """One agent with its latest version.

    That is the newest stable version that is not yanked, or null.
    """
    row = find_visible_agent_values(scope.lstrip("@"), name, DETAIL_COLUMNS, by=request.auth)
    return json_response(agent_detail(row, list_tags(row["id"])))


@router.get(VERSIONS, response=VersionPage, tags=["versions"], **READ)
def list_versions(
    request: HttpRequest, scope: str, name: str, limit: str | None = None, cursor: str | None = None
) -> HttpResponse:
    """Every version, newest first, yanked ones and pre-releases too."""
    agent = find_agent(scope.lstrip("@"), name)
    rows = Version.objects.of(agent.pk).marked_withheld().values(*VERSION_COLUMNS)
    page = fetch_page(rows, NEWEST_FIRST, limit=read_limit(limit), cursor=cursor, name="versions")
    items = [version_item(row) | version_deprecation(agent, row["version"]) for row in page.items]
    body = {"items": items}
    cursor_field = {"nextCursor": page.next_cursor} if page.next_cursor else {}
    return json_response(body | cursor_field)

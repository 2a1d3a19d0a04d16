"""Versions, their bytes and their pictures."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from foundation.access.api import public
from foundation.limits.middleware import Limited
from foundation.paging import Sort, read_limit, take_page
from foundation.web.responses import json_response
from registry.agents.queries import (
    claimed_agent,
)
from registry.agents.schemas import (
    VERSION_COLUMNS,
    VersionPage,
    version_item,
)
from registry.models import Version

router = Router(tags=["versions"])
READ: dict[str, Any] = {"auth": public, "throttle": [Limited("read")]}
VERSIONS = "/agents/{scope}/{name}/versions"
NEWEST_FIRST = (Sort("uploaded_at", descending=True), Sort("id"))


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
    return json_response(answer | more)

"""Downloads by day and version."""

from typing import Any

from django.http import HttpResponse
from ninja import Field, Router, Schema

from foundation.access.api import public
from foundation.access.middleware import Request
from foundation.limits.middleware import Limited
from registry.api.answers import json_answer
from registry.charts import Entry, Span, entries_of, read_days, span_of
from registry.queries import find_agent

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
    return json_answer(_answer(span, entries_of(agent, span)))


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

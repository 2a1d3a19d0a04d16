"""One's agent over time, as JSON."""

from typing import Any

from django.http import HttpResponse
from ninja import Field, Router, Schema

from clawstore.author_stats.queries import AgentNumbers, numbers_of
from foundation.access.api import signed_in
from foundation.access.middleware import Request
from foundation.clock import iso
from foundation.limits.middleware import Limited
from foundation.web.responses import json_response
from registry.agents.check_history import VersionWarnings
from registry.downloads.api import DownloadChange
from registry.downloads.chart import DayRow, read_days
from reviews.queries import MonthOfRatings

router = Router(tags=["agents"])
MOST_VERSIONS = 500


class NumbersOfDay(Schema):
    """All versions together on one day (UTC); `/v1/agents/SCOPE/NAME/downloads` has them apart."""

    day: str
    downloads: int
    fetches: int
    signedInInstalls: int


class RatingsOfMonth(Schema):
    """The reviews first written in a month (UTC), as they stand now; `…SoFar` is at its end."""

    month: str
    average: float | None
    count: int
    averageSoFar: float | None
    countSoFar: int


class WarningsOfVersion(Schema):
    """`warnings` are counts by the code of the rule; null where the version is withheld or its
    bytes were never in this shop."""

    version: str
    publishedAt: str
    isWithheld: bool
    warnings: dict[str, int] | None


class OwnNumbers(Schema):
    """``from`` and ``to`` are days, both included; days, months and versions the newest first."""

    id: str
    from_: str = Field(alias="from")
    to: str
    countedSince: str | None
    downloads: int
    fetches: int
    signedInInstalls: int
    days: list[NumbersOfDay]
    changes: list[DownloadChange]
    ratings: list[RatingsOfMonth]
    versions: list[WarningsOfVersion]


@router.get(
    "/agents/{scope}/{name}/numbers",
    response=OwnNumbers,
    auth=signed_in,
    throttle=[Limited("read")],
    by_alias=True,
    summary="One's own agent over time",
)
def get_numbers(request: Request, scope: str, name: str, days: str | None = None) -> HttpResponse:
    """Downloads and signed-in installs of the last `days` days (30, at most 90), ratings of the
    last 24 months, warnings of the newest 500 versions. For its owner and for maintainers: to
    others there is no such agent."""
    by = request.auth
    found = numbers_of(scope.lstrip("@"), name, days=read_days(days), versions=MOST_VERSIONS, by=by)
    return json_response(_answer(found))


def _answer(found: AgentNumbers) -> dict[str, Any]:
    chart, span = found.chart, found.chart.span
    return {
        "id": found.agent.full_id,
        "from": span.first,
        "to": span.last,
        "countedSince": span.counted_since,
        "downloads": chart.totals["downloads"],
        "fetches": chart.totals["fetches"],
        "signedInInstalls": found.installs.total,
        "days": [_day(row) for row in chart.rows],
        "changes": [{"day": one.day, "description": str(one.words)} for one in span.changes],
        "ratings": [_month(month) for month in found.months],
        "versions": [_version(one) for one in found.warnings],
    }


def _day(row: DayRow) -> dict[str, Any]:
    return {
        "day": row.day,
        "downloads": row.downloads,
        "fetches": row.fetches,
        "signedInInstalls": row.signed_in,
    }


def _month(month: MonthOfRatings) -> dict[str, Any]:
    return {
        "month": f"{month.first:%Y-%m}",
        "average": month.given.average,
        "count": month.given.count,
        "averageSoFar": month.so_far.average,
        "countSoFar": month.so_far.count,
    }


def _version(one: VersionWarnings) -> dict[str, Any]:
    return {
        "version": one.version.version,
        "publishedAt": iso(one.version.uploaded_at),
        "isWithheld": one.is_withheld,
        "warnings": one.counts,
    }

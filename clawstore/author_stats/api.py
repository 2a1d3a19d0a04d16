"""Statistics of an agent for its owner, as JSON."""

from typing import Any

from django.http import HttpResponse
from ninja import Field, Router, Schema

from clawstore.author_stats.queries import AgentStats, author_stats
from foundation.access.api import signed_in
from foundation.clock import iso
from foundation.limits.middleware import Limited
from foundation.web.requests import Request
from foundation.web.responses import json_response
from registry.agents.check_history import VersionWarnings
from registry.downloads.chart import DayRow, parse_days
from registry.downloads.schemas import DownloadChange, counting_changes_out
from reviews.queries import MonthOfRatings

router = Router(tags=["agents"])
MAX_VERSIONS = 500


class NumbersOfDay(Schema):
    """All versions together on one day (UTC).

    `/v1/agents/SCOPE/NAME/downloads` has them by version.
    """

    day: str
    downloads: int
    fetches: int
    signedInInstalls: int


class RatingsOfMonth(Schema):
    """The reviews first written in a month (UTC), with their current ratings.

    `…SoFar` covers all reviews up to the end of the month.
    """

    month: str
    average: float | None
    count: int
    averageSoFar: float | None
    countSoFar: int


class WarningsOfVersion(Schema):
    """Check warnings of a version: counts by rule code.

    Null if the version is withheld or its bytes are not on this instance.
    """

    version: str
    publishedAt: str
    isWithheld: bool
    warnings: dict[str, int] | None


class OwnNumbers(Schema):
    """Statistics of one agent; days, months and versions are newest first.

    ``from`` and ``to`` are days, both included.
    """

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
    summary="Statistics of your own agent over time",
)
def get_numbers(request: Request, scope: str, name: str, days: str | None = None) -> HttpResponse:
    """Downloads, signed-in installs, ratings and check warnings over time.

    Covers the last `days` days (default 30, at most 90), ratings of the last 24 months, and
    warnings of the newest 500 versions. Only for the owner and maintainers; others get 404.
    """
    by = request.auth
    stats = author_stats(
        scope.lstrip("@"), name, days=parse_days(days), versions=MAX_VERSIONS, by=by
    )
    return json_response(_stats_out(stats))


def _stats_out(stats: AgentStats) -> dict[str, Any]:
    chart, period = stats.chart, stats.chart.period
    return {
        "id": stats.agent.full_id,
        "from": period.first,
        "to": period.last,
        "countedSince": period.counted_since,
        "downloads": chart.totals["downloads"],
        "fetches": chart.totals["fetches"],
        "signedInInstalls": stats.installs.total,
        "days": [_day(row) for row in chart.rows],
        "changes": counting_changes_out(period),
        "ratings": [_month(month) for month in stats.months],
        "versions": [_version(warnings) for warnings in stats.warnings],
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
        "average": month.in_month.average,
        "count": month.in_month.count,
        "averageSoFar": month.so_far.average,
        "countSoFar": month.so_far.count,
    }


def _version(warnings: VersionWarnings) -> dict[str, Any]:
    return {
        "version": warnings.version.version,
        "publishedAt": iso(warnings.version.uploaded_at),
        "isWithheld": warnings.is_withheld,
        "warnings": warnings.counts,
    }

"""JSON endpoints of reports: anyone files one, maintainers read and decide them."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from foundation.access.api import public_write, signed_in
from foundation.limits.middleware import Limited
from foundation.paging import fetch_page, read_limit
from foundation.web.schemas import Done
from moderation.actions import report_agent, resolve_report
from moderation.queries import OLDEST_FIRST, report_queue
from moderation.schemas import Decision, ReportId, ReportIn, ReportPage, report_out

router = Router(tags=["reports"])


@router.post(
    "/reports",
    auth=public_write,
    throttle=[Limited("report")],
    response={201: ReportId},
    summary="Report an agent, a version or a review; no account needed",
)
def file_report(request: HttpRequest, data: ReportIn) -> Status:
    """With an API key, the report has your name; it needs the scope `reports:write`."""
    report = report_agent(
        data.agentId,
        version_id=data.versionId,
        review_id=data.reviewId,
        reason=data.reason,
        details=data.details,
        by=request.auth,  # type: ignore[attr-defined]
    )
    return Status(201, {"id": str(report.pk)})


@router.get(
    "/reports",
    auth=signed_in,
    throttle=[Limited("read")],
    response=ReportPage,
    exclude_unset=True,
    summary="List reports, oldest first; maintainers only",
)
def list_reports(
    request: HttpRequest,
    status: str | None = None,
    limit: str | None = None,
    cursor: str | None = None,
) -> dict[str, Any]:
    reports = report_queue(status, by=request.auth)  # type: ignore[attr-defined]
    page = fetch_page(
        reports, OLDEST_FIRST, limit=read_limit(limit), cursor=cursor, name=f"reports {status}"
    )
    body: dict[str, Any] = {"items": [report_out(report) for report in page.items]}
    return body | ({"nextCursor": page.next_cursor} if page.next_cursor else {})


@router.post(
    "/reports/{report_id}/resolve",
    auth=signed_in,
    throttle=[Limited("write")],
    response=Done,
    summary="Close a report as resolved or dismissed; maintainers only",
)
def resolve(request: HttpRequest, report_id: str, data: Decision) -> dict[str, bool]:
    resolve_report(report_id, status=data.status, notes=data.notes, by=request.auth)  # type: ignore[attr-defined]
    return {"ok": True}

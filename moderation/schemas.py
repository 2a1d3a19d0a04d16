"""JSON schemas of reports."""

from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, BaseModel, Field, StrictStr

from foundation.clock import iso, iso_or_none
from foundation.text.input import reject_nul
from moderation.models import DETAILS_LENGTH, Report

# PostgreSQL cannot store a NUL.
Text = Annotated[StrictStr, AfterValidator(reject_nul)]


# Ninja's own base class accepts a list or null as an object without attributes. Missing fields are
# the named refusal missing_fields, so no field is required here.
class ReportIn(BaseModel):
    """A report about an agent, one of its versions or one of its reviews."""

    agentId: Text | None = Field(None, description="Required: the ID of the agent")
    versionId: Text | None = Field(
        None, description="The version, if the report is about a single version"
    )
    reviewId: Text | None = Field(None, description="The review, if the report is about a review")
    reason: Text | None = Field(None, description=f"Required: {', '.join(Report.Reason.values)}")
    details: Text | None = Field(None, description=f"Required: up to {DETAILS_LENGTH} characters")


class Decision(BaseModel):
    status: Text | None = Field(None, description="Required: resolved or dismissed")
    notes: Text | None = None


class ReportId(Schema):
    id: str


class ReportOut(Schema):
    id: str
    agentId: str
    versionId: str | None
    reviewId: str | None
    reviewSnapshot: dict[str, Any] | None
    reporterUserId: str | None
    reporterIpHash: str
    reason: str
    details: str
    status: str
    resolvedByUserId: str | None
    resolvedAt: str | None
    resolutionNotes: str | None
    createdAt: str


class ReportPage(Schema):
    items: list[ReportOut]
    nextCursor: str | None = None


def report_out(report: Report) -> dict[str, Any]:
    """A report for maintainers; ``report`` comes from `marked_party`.

    An accused maintainer does not learn the name of the reporter.
    """
    return {
        "id": str(report.pk),
        "agentId": str(report.agent_id),
        "versionId": _text_or_none(report.version_id),
        "reviewId": _text_or_none(report.review_id),
        "reviewSnapshot": report.review_snapshot,
        "reporterUserId": None if report.is_party else _text_or_none(report.reporter_user_id),
        "reporterIpHash": "" if report.is_party else report.reporter_ip_hash,
        "reason": report.reason,
        "details": report.details,
        "status": report.status,
        "resolvedByUserId": _text_or_none(report.resolved_by_user_id),
        "resolvedAt": iso_or_none(report.resolved_at),
        "resolutionNotes": report.resolution_notes,
        "createdAt": iso(report.created_at),
    }


def _text_or_none(value: object) -> str | None:
    return None if value is None else str(value)

"""Filing a report, which anybody may, and deciding on it, which maintainers do."""

from typing import Any
from uuid import UUID

from django.db import transaction

from foundation.actor import Actor
from foundation.clock import iso, now
from foundation.events.actions import record
from foundation.texts import read_uuid, tidy
from moderation.errors import (
    AlreadyResolved,
    DetailsTooLong,
    InvalidNotes,
    InvalidReason,
    InvalidStatus,
    MissingFields,
    ReportNotFound,
)
from moderation.models import DETAILS_LENGTH, Report
from moderation.rules import DECISIONS, NOTES_LENGTH, may_decide
from registry.actions import lock_agent
from registry.errors import AgentNotFound, NotMaintainer, OwnAgent, VersionNotFound
from registry.models import Agent, Version
from reviews.models import Review
from reviews.queries import find_review


@transaction.atomic
def report_agent(
    agent_id: str | UUID | None,
    *,
    reason: str | None,
    details: str | None,
    version_id: str | UUID | None = None,
    review_id: str | UUID | None = None,
    by: Actor,
) -> Report:
    """Tell the maintainers about an agent, one of its versions or one of its reviews.

    Nobody needs an account for it. The words of a reported review are kept with the report.
    """
    reason, details = checked_claim(agent_id, reason, details)
    agent = _reported_agent(agent_id)
    version = _reported_version(agent, version_id) if version_id else None
    review = _reported_review(agent, review_id) if review_id else None
    report: Report = Report.objects.create(
        agent=agent,
        version=version,
        review=review,
        review_snapshot=snapshot_of(review) if review else None,
        reporter_user_id=by.user_id,
        reporter_ip_hash=by.address_hash,
        reason=reason,
        details=details,
    )
    record(
        "report.filed", "report", str(report.pk), by=by, agent=agent.full_id, reason=report.reason
    )
    return report


@transaction.atomic
def resolve_report(
    report_id: str | UUID, *, status: str | None, notes: str | None = None, by: Actor
) -> Report:
    """Close an open report as resolved or dismissed. Of two maintainers the first decides."""
    if not by.require_user().is_maintainer:
        raise NotMaintainer
    user = by.require("reports:moderate")
    if status not in DECISIONS:
        raise InvalidStatus
    notes = checked_notes(notes)
    report = _hold_report(report_id)
    refuse_decision(report, by)
    report.status, report.resolution_notes = status, notes
    report.resolved_by_user_id, report.resolved_at = user.pk, now()
    report.save(update_fields=["status", "resolution_notes", "resolved_by_user", "resolved_at"])
    record(f"report.{status}", "report", str(report.pk), by=by, agent=report.agent.full_id)
    return report


def checked_claim(
    agent_id: str | UUID | None, reason: str | None, details: str | None
) -> tuple[str, str]:
    """Reason and details as they are stored. Refuses what is missing, all of it at once; then an
    unknown reason; then too many words."""
    details = tidy(details)
    if not (agent_id and reason and details):
        needed = {"agentId": agent_id, "reason": reason, "details": details}
        missing = [name for name, value in needed.items() if not value]
        raise MissingFields(f"Missing: {', '.join(missing)}.", fields=missing)
    if reason not in Report.Reason.values:
        raise InvalidReason(f"The reason is one of: {', '.join(Report.Reason.values)}.")
    if len(details) > DETAILS_LENGTH:
        raise DetailsTooLong(f"The details have at most {DETAILS_LENGTH} characters.")
    return reason, details


def _reported_agent(agent_id: str | UUID | None) -> Agent:
    # A delisted agent can be reported too: its versions are still out there.
    agent: Agent | None = Agent.objects.filter(pk=read_uuid(agent_id)).first()
    if agent is None:
        raise AgentNotFound("There is no agent with this id.")
    return agent


def _reported_version(agent: Agent, version_id: str | UUID) -> Version:
    version: Version | None = Version.objects.of(agent.pk).filter(pk=read_uuid(version_id)).first()
    if version is None:
        raise VersionNotFound
    return version


def _reported_review(agent: Agent, review_id: str | UUID) -> Review:
    # Whoever deletes a review holds the agent's lock. Held here too, so that the review is not
    # gone before the row that points to it is there; the one lock, so that nobody waits in a ring.
    lock_agent(agent.pk)
    return find_review(agent, review_id)


def snapshot_of(review: Review) -> dict[str, Any]:
    """The reported words as they stood: a review can be edited or deleted afterwards."""
    return {
        "reviewer": review.reviewer_user.username,
        "reviewerUserId": str(review.reviewer_user_id),
        "rating": review.rating,
        "title": review.title,
        "body": review.body,
        "updatedAt": iso(review.updated_at),
    }


def checked_notes(notes: str | None) -> str | None:
    """The notes as they are stored: trimmed, null when blank."""
    text = tidy(notes)
    if text and len(text) > NOTES_LENGTH:
        errors = [{"path": "notes", "message": f"At most {NOTES_LENGTH} characters."}]
        raise InvalidNotes("The report was not closed.", errors=errors)
    return text


def _hold_report(report_id: str | UUID) -> Report:
    report: Report | None = (
        Report.objects.select_for_update(of=("self",))
        .select_related("agent")
        .filter(pk=read_uuid(report_id))
        .first()
    )
    if report is None:
        raise ReportNotFound
    return report


def refuse_decision(report: Report, by: Actor) -> None:
    """Refuses a key bound to another agent, a judge in their own cause, and a second decision."""
    by.require("reports:moderate", about=report.agent.full_id)
    if not may_decide(report, by):
        raise OwnAgent
    if report.status != Report.Status.OPEN:
        raise AlreadyResolved

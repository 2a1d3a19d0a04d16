"""Filing a report, which anybody may, and deciding on it, which maintainers do; appealing against
what they did, once, and deciding on that."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from foundation.access.actions import end_all_access
from foundation.accounts.actions import lift_suspension, mark_suspended
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import iso, iso_or_none, now
from foundation.text.input import read_uuid, tidy
from moderation.errors import (
    AlreadyAppealed,
    AlreadyResolved,
    AppealDecided,
    AppealNotFound,
    DecisionNotInForce,
    DetailsTooLong,
    InvalidAppeal,
    InvalidNotes,
    InvalidReason,
    InvalidStatus,
    MissingFields,
    OwnDecision,
    ReportNotFound,
)
from moderation.models import APPEAL_LENGTH, DETAILS_LENGTH, Appeal, Report
from moderation.queries import find_decision, has_other_judges, is_in_force, same_report, subject_of
from moderation.rules import (
    DECISIONS,
    NOTES_LENGTH,
    has_acted,
    may_decide,
    may_decide_appeal,
)
from registry.agents.actions import lift_withholding, lock_agent, relist_agent, unyank_version
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
def report_once(
    agent: Agent,
    *,
    reason: str,
    details: str,
    version_id: UUID | None = None,
    review_id: UUID | None = None,
    by: Actor,
) -> Report:
    """As `report_agent`, for a form, which may be sent twice: what the same reporter has just said
    in the same words is not said again, and the report that stands is given."""
    lock_agent(agent.pk)
    about = {"version_id": version_id, "review_id": review_id}
    standing = same_report(agent.pk, **about, reason=reason, details=tidy(details), by=by)
    return standing or report_agent(agent.pk, **about, reason=reason, details=details, by=by)


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
        raise InvalidReason(f"reason must be one of: {', '.join(Report.Reason.values)}.")
    if len(details) > DETAILS_LENGTH:
        raise DetailsTooLong(f"details can have up to {DETAILS_LENGTH} characters.")
    return reason, details


def _reported_agent(agent_id: str | UUID | None) -> Agent:
    # A delisted agent can be reported too: its versions are still out there.
    agent: Agent | None = Agent.objects.filter(pk=read_uuid(agent_id)).first()
    if agent is None:
        raise AgentNotFound("There is no agent with this ID.")
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
    """The reported words as they stood, with the owner's answer, which may be what is meant: both
    can be edited or deleted afterwards."""
    return {
        "reviewer": review.reviewer_user.username,
        "reviewerUserId": str(review.reviewer_user_id),
        "rating": review.rating,
        "title": review.title,
        "body": review.body,
        "updatedAt": iso(review.updated_at),
        "reply": review.reply,
        "repliedAt": iso_or_none(review.reply_edited_at or review.replied_at),
    }


def checked_notes(notes: str | None) -> str | None:
    """The notes as they are stored: trimmed, null when blank."""
    text = tidy(notes)
    if text and len(text) > NOTES_LENGTH:
        errors = [{"path": "notes", "message": f"Up to {NOTES_LENGTH} characters."}]
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


@transaction.atomic
def suspend_account(user: User, *, reason: str, by: Actor) -> bool:
    """Close an account: no key, no session, no sign-in, until it is lifted. What was published
    stays. Gives False where it was suspended already."""
    if mark_suspended(user, reason=reason, by=by) is None:
        return False
    end_all_access(user, by=by)
    return True


@transaction.atomic
def post_appeal(decision_id: str | UUID, *, text: str | None, by: Actor) -> Appeal:
    """Say, once, why a maintainer's decision about oneself or one's agent is wrong."""
    user = User.objects.get(pk=by.require("session").pk)
    decision, subject = find_decision(decision_id, user)
    if Appeal.objects.filter(decision=decision).exists():
        raise AlreadyAppealed
    if not is_in_force(decision):
        raise DecisionNotInForce
    try:
        with transaction.atomic():
            appeal: Appeal = Appeal.objects.create(
                decision=decision, user=user, agent=subject.agent, text=checked_appeal(text)
            )
    except IntegrityError as error:
        raise AlreadyAppealed from error
    name = decision.entity_id
    record("appeal.filed", "appeal", str(appeal.pk), by=by, about=name, against=decision.action)
    return appeal


def checked_appeal(text: str | None) -> str:
    said = tidy(text)
    if not said or len(said) > APPEAL_LENGTH or "\0" in said:
        message = f"Explain why the decision is wrong, in up to {APPEAL_LENGTH} characters."
        raise InvalidAppeal(errors=[{"path": "text", "message": message}])
    return said


@transaction.atomic
def decide_appeal(appeal_id: str | UUID, *, uphold: bool, notes: str | None, by: Actor) -> Appeal:
    """Answer an appeal. Upheld, the decision is taken back through the action that does that.

    Whoever decided first does not judge, unless nobody else could.
    """
    if not by.require_user().is_maintainer:
        raise NotMaintainer
    user = by.require("reports:moderate", about="the appeals")
    said = checked_notes(notes)
    if said is None:
        errors = [{"path": "notes", "message": "Enter a reason; the author will see it."}]
        raise InvalidNotes("The appeal was not decided.", errors=errors)
    appeal = _hold_appeal(appeal_id)
    refuse_judgement(appeal, by)
    if uphold:
        take_back(appeal, reason=said, by=by)
    appeal.status = Appeal.Status.UPHELD if uphold else Appeal.Status.REJECTED
    appeal.decision_notes, appeal.decided_by_user_id, appeal.decided_at = said, user.pk, now()
    appeal.save(update_fields=["status", "decision_notes", "decided_by_user", "decided_at"])
    name = appeal.decision.entity_id
    record(f"appeal.{appeal.status}", "appeal", str(appeal.pk), by=by, about=name)
    return appeal


def _hold_appeal(appeal_id: str | UUID) -> Appeal:
    appeal: Appeal | None = (
        Appeal.objects.select_for_update(of=("self",))
        .select_related("agent", "decision", "user")
        .filter(pk=read_uuid(appeal_id))
        .first()
    )
    if appeal is None:
        raise AppealNotFound
    return appeal


def refuse_judgement(appeal: Appeal, by: Actor) -> None:
    """Refuses a judge in their own cause, of their own decision, and a second judgement."""
    if not may_decide_appeal(appeal, by):
        raise OwnAgent
    if has_acted(appeal.decision, by) and has_other_judges(appeal, than=by):
        raise OwnDecision
    if appeal.status != Appeal.Status.OPEN:
        raise AppealDecided


def take_back(appeal: Appeal, *, reason: str, by: Actor) -> None:
    """Undo what was appealed against, as a maintainer would at the desk."""
    subject = subject_of(appeal.decision)
    agent, number = subject.agent, subject.number
    if agent is None:
        lift_suspension(appeal.user, reason=reason, by=by)
    elif appeal.decision.action == "agent.delisted":
        relist_agent(agent, reason=reason, by=by)
    elif appeal.decision.action == "version.withheld":
        lift_withholding(agent, number, reason=reason, by=by)
    else:
        unyank_version(agent, number, reason=reason, by=by)

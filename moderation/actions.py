"""Writes about reports, appeals and suspensions."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from foundation.access.actions import end_all_access
from foundation.access.queries import find_key
from foundation.access.revocations import revoke_key_of_other
from foundation.accounts import actions as accounts
from foundation.accounts.actions import validate_reason
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.clock import iso, iso_or_none, now
from foundation.own_matters import refuse_own_matter
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
    InvalidStatus,
    MissingFields,
    NotClosed,
    OwnDecision,
    ReportNotFound,
    UnknownReason,
)
from moderation.holds import lift_hold
from moderation.models import APPEAL_LENGTH, DETAILS_LENGTH, Appeal, Report
from moderation.queries import find_decision, has_other_judges, is_in_force, same_report, subject_of
from moderation.rules import (
    DECISIONS,
    NOTES_LENGTH,
    REPORT_SCOPE,
    has_acted,
)
from profiles.revisions import bump_pages_with_name
from registry.agents.actions import lift_withholding, lock_agent, relist_agent, unyank_version
from registry.errors import AgentNotFound, VersionNotFound
from registry.models import Agent, Version
from registry.publishing.actions import delete_drafts
from registry.rules.permissions import require_moderator, require_moderator_scope
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
    """Report an agent, one of its versions or one of its reviews to the maintainers.

    An account is not required. A snapshot of a reported review is stored with the report.
    """
    if by.is_known:
        by.require_scope(REPORT_SCOPE)
    reason, details = validate_report(agent_id, reason, details)
    agent = _reported_agent(agent_id)
    if by.is_known:
        # Again with its subject: the key may be bound to another agent.
        by.require(REPORT_SCOPE, about=agent.full_id)
    version = _reported_version(agent, version_id) if version_id else None
    review = _reported_review(agent, review_id) if review_id else None
    report: Report = Report.objects.create(
        agent=agent,
        version=version,
        review=review,
        # An author could otherwise edit or delete a reported review before a maintainer reads it.
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
    """Like `report_agent`, but return the existing report for a form sent twice."""
    lock_agent(agent.pk)
    about = {"version_id": version_id, "review_id": review_id}
    # Under the lock, so that the second click waits for the report of the first.
    duplicate = same_report(agent.pk, **about, reason=reason, details=tidy(details), by=by)
    return duplicate or report_agent(agent.pk, **about, reason=reason, details=details, by=by)


@transaction.atomic
def resolve_report(
    report_id: str | UUID, *, status: str | None, notes: str | None = None, by: Actor
) -> Report:
    """Close an open report as resolved or dismissed.

    Raises AlreadyResolved for the second of two concurrent decisions.
    """
    user = require_moderator_scope(by)
    if status not in DECISIONS:
        raise InvalidStatus
    notes = validate_notes(notes)
    # Locked before it is checked, so that one of two decisions is refused.
    report = _lock_report(report_id)
    refuse_decision(report, by)
    report.status, report.resolution_notes = status, notes
    report.resolved_by_user_id, report.resolved_at = user.pk, now()
    report.save(update_fields=["status", "resolution_notes", "resolved_by_user", "resolved_at"])
    record(f"report.{status}", "report", str(report.pk), by=by, agent=report.agent.full_id)
    return report


@transaction.atomic
def reopen_report(report_id: str | UUID, *, reason: str | None, by: Actor) -> Report:
    """Put a closed report back into the queue, with a reason for the audit log.

    What a measure changed stays as it is. Raises OwnMatter, NotClosed or InvalidNotes.
    """
    require_moderator_scope(by)
    reason = validate_notes(reason)
    if reason is None:
        errors = [{"path": "notes", "message": "Enter a reason."}]
        raise InvalidNotes("The report was not reopened.", errors=errors)
    report = _lock_report(report_id)
    require_moderator(by, about=report.agent.full_id)
    refuse_own_matter(report, by)
    if report.status == Report.Status.OPEN:
        raise NotClosed
    # The columns describe the present decision; the audit log keeps the one that is undone.
    former_decision = {"status": report.status, "notes": report.resolution_notes}
    report.status, report.resolution_notes = Report.Status.OPEN, None
    report.resolved_by_user_id = report.resolved_at = None
    report.save(update_fields=["status", "resolution_notes", "resolved_by_user", "resolved_at"])
    record(
        "report.reopened",
        "report",
        str(report.pk),
        by=by,
        agent=report.agent.full_id,
        reason=reason,
        undone=former_decision,
    )
    return report


def validate_report(
    agent_id: str | UUID | None, reason: str | None, details: str | None
) -> tuple[str, str]:
    """Reason and details as stored.

    Raises MissingFields with every missing field, then UnknownReason, then DetailsTooLong.
    """
    details = tidy(details)
    if not (agent_id and reason and details):
        needed_fields = {"agentId": agent_id, "reason": reason, "details": details}
        missing_names = [name for name, value in needed_fields.items() if not value]
        raise MissingFields(f"Missing: {', '.join(missing_names)}.", fields=missing_names)
    if reason not in Report.Reason.values:
        raise UnknownReason(f"reason must be one of: {', '.join(Report.Reason.values)}.")
    if len(details) > DETAILS_LENGTH:
        raise DetailsTooLong(f"details can have up to {DETAILS_LENGTH} characters.")
    return reason, details


def _reported_agent(agent_id: str | UUID | None) -> Agent:
    # A delisted agent can be reported too, because its versions are still installed.
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
    # Deleting a review takes the agent's lock. The same lock here keeps the review until the report
    # exists, and a single lock cannot deadlock.
    lock_agent(agent.pk)
    return find_review(agent, review_id)


def snapshot_of(review: Review) -> dict[str, Any]:
    """The reported review and the owner's reply; both can be edited later."""
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


def validate_notes(notes: str | None) -> str | None:
    """The notes as stored: trimmed, None if blank. Raises InvalidNotes."""
    text = tidy(notes)
    if text and len(text) > NOTES_LENGTH:
        errors = [{"path": "notes", "message": f"Up to {NOTES_LENGTH} characters."}]
        raise InvalidNotes("The report was not closed.", errors=errors)
    return text


def _lock_report(report_id: str | UUID) -> Report:
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
    """Refuse keys bound to other agents, own matters, and second decisions.

    Raises InsufficientScope, OwnMatter or AlreadyResolved.
    """
    require_moderator(by, about=report.agent.full_id)
    refuse_own_matter(report, by)
    if report.status != Report.Status.OPEN:
        raise AlreadyResolved


@transaction.atomic
def suspend_account(user: User, *, reason: str, by: Actor) -> bool:
    """Close an account: its keys and sessions end, and sign-in is refused.

    Published versions stay. Returns False if the account is suspended already.
    """
    require_moderator(by)
    # A second suspension must not replace the first reason, which the person has read.
    if accounts.mark_suspended(user, reason=reason, by=by) is None:
        return False
    bump_pages_with_name(user.pk)
    end_all_access(user, by=by)
    return True


@transaction.atomic
def lift_suspension(user: User, *, reason: str, by: Actor) -> bool:
    """Open a suspended account again. Returns False if it was not suspended.

    Keys, sessions, device logins and drafts that requests in progress have left behind do not
    become valid.
    """
    require_moderator(by)
    if not accounts.lift_suspension(user, reason=reason, by=by):
        return False
    bump_pages_with_name(user.pk)
    end_all_access(user, by=by)
    # A draft that was uploaded during the suspension would otherwise be published by one click.
    delete_drafts(user.pk)
    return True


@transaction.atomic
def revoke_key(key_id: UUID, *, reason: str, by: Actor) -> bool:
    """Revoke another person's API key; they get the reason by email.

    Returns False if it is revoked already. Raises KeyNotFound, OwnMatter or
    InvalidSuspensionReason.
    """
    require_moderator(by)
    key = find_key(key_id)
    refuse_own_matter(key.created_by, by)
    return revoke_key_of_other(key.pk, reason=validate_reason(reason), by=by)


@transaction.atomic
def post_appeal(decision_id: str | UUID, *, text: str | None, by: Actor) -> Appeal:
    """Appeal once against a maintainer's decision about the actor or their agent.

    Raises DecisionNotFound, AlreadyAppealed, DecisionNotInForce or InvalidAppeal.
    """
    user = User.objects.get(pk=by.require("session").pk)
    decision, subject = find_decision(decision_id, user)
    if Appeal.objects.filter(decision=decision).exists():
        raise AlreadyAppealed
    if not is_in_force(decision):
        raise DecisionNotInForce
    try:
        # A savepoint, because PostgreSQL refuses further queries after an error.
        with transaction.atomic():
            appeal: Appeal = Appeal.objects.create(
                decision=decision, user=user, agent=subject.agent, text=validate_appeal(text)
            )
    except IntegrityError as error:
        raise AlreadyAppealed from error
    name = decision.entity_id
    record("appeal.filed", "appeal", str(appeal.pk), by=by, about=name, against=decision.action)
    return appeal


def validate_appeal(text: str | None) -> str:
    words = tidy(text)
    # PostgreSQL stores no NUL.
    if not words or len(words) > APPEAL_LENGTH or "\0" in words:
        message = f"Explain why the decision is wrong, in up to {APPEAL_LENGTH} characters."
        raise InvalidAppeal(errors=[{"path": "text", "message": message}])
    return words


@transaction.atomic
def decide_appeal(appeal_id: str | UUID, *, uphold: bool, notes: str | None, by: Actor) -> Appeal:
    """Uphold or reject an appeal. Upholding reverses the decision.

    The maintainer who made the decision may decide only if no other maintainer can.
    """
    user = require_moderator(by)
    reason = validate_notes(notes)
    if reason is None:
        errors = [{"path": "notes", "message": "Enter a reason; the author will see it."}]
        raise InvalidNotes("The appeal was not decided.", errors=errors)
    appeal = _lock_appeal(appeal_id)
    refuse_appeal_decision(appeal, by)
    if uphold:
        # In this transaction, so no appeal is upheld whose decision is still in force.
        reverse_decision(appeal, reason=reason, by=by)
    appeal.status = Appeal.Status.UPHELD if uphold else Appeal.Status.REJECTED
    appeal.decision_notes, appeal.decided_by_user_id, appeal.decided_at = reason, user.pk, now()
    appeal.save(update_fields=["status", "decision_notes", "decided_by_user", "decided_at"])
    name = appeal.decision.entity_id
    record(f"appeal.{appeal.status}", "appeal", str(appeal.pk), by=by, about=name)
    return appeal


def _lock_appeal(appeal_id: str | UUID) -> Appeal:
    appeal: Appeal | None = (
        Appeal.objects.select_for_update(of=("self",))
        .select_related("agent", "decision", "user")
        .filter(pk=read_uuid(appeal_id))
        .first()
    )
    if appeal is None:
        raise AppealNotFound
    return appeal


def refuse_appeal_decision(appeal: Appeal, by: Actor) -> None:
    """Refuse own matters, the maintainer who decided, and second decisions.

    Raises OwnMatter or AppealDecided.
    """
    refuse_own_matter(appeal, by)
    # Without another maintainer the rule gives way, because an appeal must get an answer (ADR 25).
    if has_acted(appeal.decision, by) and has_other_judges(appeal, actor=by):
        raise OwnDecision
    if appeal.status != Appeal.Status.OPEN:
        raise AppealDecided


def reverse_decision(appeal: Appeal, *, reason: str, by: Actor) -> None:
    """Reverse the decision of an appeal through the action that owns it."""
    subject = subject_of(appeal.decision)
    agent, number = subject.agent, subject.number
    if subject.text is not None:
        lift_hold(subject.text, reason=reason, by=by)
    elif agent is None:
        # Of the other decisions with an appeal, only a suspension is about no agent.
        lift_suspension(appeal.user, reason=reason, by=by)
    elif appeal.decision.action == "agent.delisted":
        relist_agent(agent, reason=reason, by=by)
    elif appeal.decision.action == "version.withheld":
        lift_withholding(agent, number, reason=reason, by=by)
    else:
        unyank_version(agent, number, reason=reason, by=by)

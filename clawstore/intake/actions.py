"""Decisions about requests, with what follows from them in the same transaction."""

from uuid import UUID

from django.db import transaction

from clawstore.intake.models import OpenedReport
from clawstore.intake.queries import agent_of, details_of, person_of
from clawstore.roles import grant_role
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.own_matters import refuse_own_matter
from foundation.refusals import Conflict, Invalid
from moderation.actions import report_agent
from moderation.models import DETAILS_LENGTH, Report
from registry.rules.permissions import OFFICIAL, require_moderator_scope
from wordclaw.forms.models import FormSubmission
from wordclaw.forms.submissions.queries import find_submission, sent_data
from wordclaw.policy.models import DomainKind
from wordclaw.workflow.models import ReviewTask, TaskSource, TaskStatus
from wordclaw.workflow.reviews.actions import decide_task

REASONS = {"Copyright": Report.Reason.TRADEMARK, "Trademark": Report.Reason.TRADEMARK}
"""The reasons of reports by the kind of a legal notice; others are Something else."""


class NoAccount(Invalid):
    code = "request_without_account"
    message = "The request was sent without an account, so no role can be granted."
    remediation = "Accept the request, and ask the sender to sign in and send it again."


class NoAgent(Invalid):
    code = "request_without_agent"
    message = "The request names no agent that is here."
    remediation = "Find the agent and withhold or delist it there, or answer the sender."


class ReportOpened(Conflict):
    code = "report_already_opened"
    message = "A report was opened from this request before."
    remediation = "Open that report; the page of the request leads to it."


def decide_request(
    submission: FormSubmission, *, is_accepted: bool, reason: str, by: Actor
) -> ReviewTask:
    """Accept or decline a request. Raises what `decide_task` raises."""
    decision = TaskStatus.APPROVED if is_accepted else TaskStatus.REJECTED
    domain = submission.form.domain
    return decide_task(
        domain, str(submission.task_id), decision=decision.value, reason=reason, by=by
    )


@transaction.atomic
def accept_and_grant_role(submission: FormSubmission, *, reason: str, by: Actor) -> None:
    """Accept a request and make its sender an official publisher. Raises NoAccount."""
    if submission.submitter is None:
        raise NoAccount
    decide_request(submission, is_accepted=True, reason=reason, by=by)
    grant_role(submission.submitter, OFFICIAL, notes=reason, by=by)
    _record_follow_up(submission, "role", by=by, role=OFFICIAL)


@transaction.atomic
def open_report(submission_id: UUID, *, reason: str, by: Actor) -> Report:
    """Open a report about the agent of a request, and accept it if it waits.

    The sender of the request is the reporter, so that they learn the outcome and any maintainer
    may decide. Raises NoAgent, ReportOpened, OwnMatter or what `decide_task` raises.
    """
    require_moderator_scope(by)
    # The lock lets one of two clicks open a report.
    rows = FormSubmission.objects.select_for_update(of=("self",), no_key=True)
    row = rows.select_related("domain").get(pk=submission_id)
    submission = find_submission(row.domain, row.pk)
    details = details_of(submission)
    if details.agent is None:
        raise NoAgent
    if OpenedReport.objects.filter(submission=submission).exists():
        raise ReportOpened
    refuse_own_matter(details.agent, by)
    if submission.task is not None and submission.task.status == TaskStatus.PENDING:
        decide_request(submission, is_accepted=True, reason=reason, by=by)
    lines = [f"{field.label}: {field.value}" for field in details.fields if not field.is_empty]
    kind = next((str(field.value) for field in details.fields if field.name == "kind"), "")
    is_name_claim = submission.form.slug == "claim-a-name"
    reporter = Actor(
        user=submission.submitter,
        door=by.door,
        address_hash=submission.address_hash,
        request_id=by.request_id,
    )
    report = report_agent(
        details.agent.pk,
        reason=Report.Reason.TRADEMARK if is_name_claim else REASONS.get(kind, "other"),
        details="\n".join(lines)[:DETAILS_LENGTH],
        by=reporter,
    )
    OpenedReport.objects.create(submission=submission, report=report)
    _record_follow_up(submission, "report", by=by, report=str(report.pk))
    return report


def refuse_own_request(task: ReviewTask, by: Actor) -> None:
    """Raise OwnMatter if a request to the maintainers concerns the one who decides it.

    ``HOST.may_decide`` names this rule, so it holds for the studio, the API and the desk.
    """
    if task.source != TaskSource.FORM or task.domain.kind != DomainKind.STORE:
        return
    submission = FormSubmission.objects.filter(task=task).select_related("submitter").first()
    if submission is None:
        return
    data = sent_data([submission]).get(submission.pk, {})
    for matter in (agent_of(data), person_of(data), submission.submitter):
        if matter is not None:
            refuse_own_matter(matter, by)


def _record_follow_up(submission: FormSubmission, kind: str, *, by: Actor, **details: str) -> None:
    record(
        "form_submission.follow_up",
        "form_submission",
        str(submission.pk),
        by=by,
        tenant=submission.domain.name,
        form=submission.form.slug,
        kind=kind,
        **details,
    )

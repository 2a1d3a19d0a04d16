"""Emails about submissions, to the members of the domain and to the senders."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from foundation.access.address import hash_address
from foundation.audit.models import AuditLog
from foundation.limits.actions import count_use
from foundation.limits.declarations import get_limit
from foundation.notices.actions import mail_address
from foundation.notices.mails import mail_notice, page_url
from foundation.notices.rules import NoticeKind
from foundation.text.input import read_uuid
from wordclaw.forms.limits import MAILS, MAILS_TO_ADDRESS
from wordclaw.forms.models import FormAnswer, FormSubmission
from wordclaw.forms.submissions.queries import with_parts
from wordclaw.policy.queries import people_with
from wordclaw.workflow.models import ReviewTask, TaskSource, TaskStatus

RECEIVED, ANSWERED = "form_received", "form_answered"
NOTICE_KINDS = (
    NoticeKind(
        RECEIVED,
        gettext_lazy("Submissions of forms"),
        gettext_lazy("Somebody sent a form of a domain that you look after; at most hourly."),
    ),
    NoticeKind(
        ANSWERED,
        gettext_lazy("What you sent with a form"),
        gettext_lazy("It was answered or decided on."),
    ),
)
QUIET_TIME = timedelta(hours=1)
"""After one email about a form, further submissions are quiet for so long."""


def mail_form_submitted(event: AuditLog, *, cause: UUID) -> bool:
    """Email the reviewers; of a form without reviews, the members who may write."""
    submission = _submission(event.entity_id)
    if submission is None or _was_mailed_lately(submission):
        return False
    form, domain = submission.form, submission.domain
    page = (
        page_url("studio_review", domain.name, str(submission.task_id))
        if submission.task_id
        else page_url("studio_submission", domain.name, str(submission.pk))
    )
    operation = "content.review" if submission.task_id else "content.write"
    results = [
        mail_notice(
            reader,
            RECEIVED,
            subject=_("%(form)s: a new submission") % {"form": form.name},
            template="form_received",
            cause=cause,
            form=form,
            domain=domain.name,
            submission=submission,
            page=page,
        )
        for reader in people_with(domain, operation)
        if reader.pk != submission.submitter_id
    ]
    return any(results)


def _was_mailed_lately(submission: FormSubmission) -> bool:
    moment = submission.created_at
    earlier = FormSubmission.objects.filter(form_id=submission.form_id, is_set_apart=False)
    return earlier.filter(created_at__lt=moment, created_at__gt=moment - QUIET_TIME).exists()


def mail_form_answered(event: AuditLog, *, cause: UUID) -> bool:
    """Email an answer to the submitter."""
    answers = FormAnswer.objects.filter(pk=read_uuid(event.details.get("answer", "")))
    answer = answers.first()
    submission = _submission(event.entity_id)
    if answer is None or submission is None:
        return False
    subject = _("An answer to what you sent: %(form)s") % {"form": submission.form.name}
    return mail_submitter(submission, subject, "form_answered", cause=cause, answer=answer)


def mail_form_decided(event: AuditLog, *, cause: UUID) -> bool:
    """Email the decision on a submission to its submitter."""
    tasks = ReviewTask.objects.filter(pk=read_uuid(event.entity_id), source=TaskSource.FORM)
    task = tasks.first()
    submission = _submission(str(task.source_event_id)) if task else None
    if task is None or submission is None or task.status == TaskStatus.PENDING:
        return False
    is_accepted = task.status == TaskStatus.APPROVED
    subject = (_("Accepted: %(form)s") if is_accepted else _("Declined: %(form)s")) % {
        "form": submission.form.name
    }
    return mail_submitter(
        submission, subject, "form_decided", cause=cause, task=task, is_accepted=is_accepted
    )


def _may_mail(submission: FormSubmission) -> bool:
    """Whether another email to the typed address is within the limits; counts it."""
    address = hash_address(submission.email.lower())
    usages = (
        count_use(get_limit(MAILS), f"domain:{submission.domain.name}"),
        count_use(get_limit(MAILS_TO_ADDRESS), f"address:{address}"),
    )
    # Without an email the answer is still at the receipt.
    return all(usage.used_units <= usage.limit.max_units for usage in usages)


def _submission(submission_id: str) -> FormSubmission | None:
    rows = with_parts(FormSubmission.objects.filter(pk=read_uuid(submission_id)))
    row: FormSubmission | None = rows.first()
    return row


def mail_submitter(
    submission: FormSubmission, subject: str, template: str, *, cause: UUID, **context: object
) -> bool:
    """Email the sender: the account, or within limits the typed address.

    The template gets ``reader`` (None for a typed address), the submission, its form and ``page``,
    the address of the receipt.
    """
    context |= {
        "submission": submission,
        "form": submission.form,
        "page": page_url("form_receipt", submission.receipt),
    }
    # An address that was typed may be of another person; that of the account is its holder's.
    if submission.submitter is not None:
        return mail_notice(
            submission.submitter,
            ANSWERED,
            subject=subject,
            template=template,
            cause=cause,
            **context,
        )
    if not submission.email or not _may_mail(submission):
        return False
    common = {
        "reader": None,
        "instance_name": settings.INSTANCE_NAME,
        "contact": settings.CONTACT_EMAIL,
    }
    text = render_to_string(f"mails/{template}.txt", context | common)
    mail_address(submission.email, subject=subject, text=text)
    return True

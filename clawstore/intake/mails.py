"""Emails to people without an account whose request became a report."""

from uuid import UUID

from django.utils.translation import gettext as _

from clawstore.intake.models import OpenedReport
from foundation.audit.models import AuditLog
from foundation.text.input import read_uuid
from wordclaw.forms.mails import mail_submitter


def mail_outcome_of_report(event: AuditLog, *, cause: UUID) -> bool:
    """Email the decision on a report to the person whose request it was opened from.

    Reporters with an account get the email about their report.
    """
    links = OpenedReport.objects.filter(
        report=read_uuid(event.entity_id), submission__submitter=None
    )
    link = links.select_related("submission__form", "submission__domain", "report__agent").first()
    if link is None:
        return False
    subject = _("Decision on your report about %(id)s") % {"id": link.report.agent.full_id}
    return mail_submitter(
        link.submission, subject, "request_report_decided", cause=cause, report=link.report
    )

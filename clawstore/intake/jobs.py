"""Emails that follow decisions on reports that were opened from requests."""

from clawstore.intake.mails import mail_outcome_of_report
from foundation.audit.queries import event_of_job
from foundation.jobs.models import Job
from foundation.jobs.registry import job


@job("mails.request_report_decided")
def request_report_decided(job: Job) -> bool:
    return mail_outcome_of_report(event_of_job(job), cause=job.pk)

"""Emails that follow decisions, appeals and suspensions."""

from foundation.audit.queries import event_of_job
from foundation.jobs.models import Job
from foundation.jobs.registry import job
from moderation import mails


@job("mails.decision")
def decision(job: Job) -> bool:
    return mails.mail_owner_about_decision(event_of_job(job), cause=job.pk)


@job("mails.report_decided")
def report_decided(job: Job) -> dict[str, bool]:
    return mails.mail_about_report(event_of_job(job), cause=job.pk)


@job("mails.suspension")
def suspension(job: Job) -> bool:
    return mails.mail_about_suspension(event_of_job(job), cause=job.pk)


@job("mails.appeal_decided")
def appeal_decided(job: Job) -> bool:
    return mails.mail_about_appeal(event_of_job(job), cause=job.pk)


@job("mails.key_withdrawn")
def key_withdrawn(job: Job) -> bool:
    return mails.mail_about_withdrawn_key(event_of_job(job), cause=job.pk)

"""Emails that follow submissions."""

from foundation.audit.queries import event_of_job
from foundation.jobs.models import Job
from foundation.jobs.registry import job
from wordclaw.forms.mails import mail_form_answered, mail_form_decided, mail_form_submitted


@job("mails.form_submitted")
def form_submitted(job: Job) -> bool:
    return mail_form_submitted(event_of_job(job), cause=job.pk)


@job("mails.form_answered")
def form_answered(job: Job) -> bool:
    return mail_form_answered(event_of_job(job), cause=job.pk)


@job("mails.form_decided")
def form_decided(job: Job) -> bool:
    return mail_form_decided(event_of_job(job), cause=job.pk)

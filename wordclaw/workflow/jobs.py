"""Emails that follow reviews and comments."""

from foundation.audit.queries import event_of_job
from foundation.jobs.models import Job
from foundation.jobs.registry import job
from wordclaw.workflow.mails import (
    mail_commented,
    mail_review_decided,
    mail_review_overdue,
    mail_review_wanted,
)
from wordclaw.workflow.reviews.actions import tell_overdue_tasks


@job("mails.review_wanted")
def send_review_wanted(job: Job) -> bool:
    return mail_review_wanted(event_of_job(job), cause=job.pk)


@job("mails.review_overdue")
def send_review_overdue(job: Job) -> bool:
    return mail_review_overdue(event_of_job(job), cause=job.pk)


@job("reviews.tell_overdue")
def tell_overdue(_job: Job) -> int:
    return tell_overdue_tasks()


@job("mails.review_decided")
def send_review_decided(job: Job) -> bool:
    return mail_review_decided(event_of_job(job), cause=job.pk)


@job("mails.content_commented")
def content_commented(job: Job) -> bool:
    return mail_commented(event_of_job(job), cause=job.pk)

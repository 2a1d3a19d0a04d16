"""Emails that follow a review."""

from foundation.audit.queries import event_of_job
from foundation.jobs.models import Job
from foundation.jobs.registry import job
from reviews.actions import delete_review_of_new_owner
from reviews.mails import mail_owner_about_review


@job("reviews.delete_own")
def delete_own(job: Job) -> bool:
    return delete_review_of_new_owner(event_of_job(job).details["to"])


@job("mails.review_posted")
def review_posted(job: Job) -> bool:
    return mail_owner_about_review(event_of_job(job), cause=job.pk)

"""The email that follows failures of a webhook."""

from foundation.audit.queries import event_of_job
from foundation.jobs.models import Job
from foundation.jobs.registry import job
from wordclaw.webhooks.mails import mail_disabled


@job("mails.webhook_disabled")
def webhook_disabled(job: Job) -> bool:
    return mail_disabled(event_of_job(job), cause=job.pk)

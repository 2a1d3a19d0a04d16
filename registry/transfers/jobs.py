"""Emails about offers of agents."""

from foundation.audit.queries import event_of_job
from foundation.jobs.models import Job
from foundation.jobs.registry import job
from registry.transfers import mails


@job("mails.transfer_offered")
def transfer_offered(job: Job) -> bool:
    return mails.mail_receiver(event_of_job(job), cause=job.pk)


@job("mails.transfer_decided")
def transfer_decided(job: Job) -> bool:
    return mails.mail_sender(event_of_job(job), cause=job.pk)

"""Jobs that follow uploads: emails about leaked keys, small images, clean-up."""

from foundation.audit.queries import event_of_job
from foundation.jobs.models import Job
from foundation.jobs.registry import job
from registry.publishing import actions, leaked_keys, small_images, sweep


@job("publishing.delete_expired_drafts")
def delete_expired_drafts(_job: Job) -> int:
    return actions.delete_expired_drafts()


@job("publishing.sweep_files")
def sweep_files(_job: Job) -> int:
    return sweep.sweep_files()


@job("publishing.make_small_images")
def make_small_images(_job: Job) -> int:
    return small_images.make_missing_small_images()


@job("mails.key_leaked")
def mail_about_leaked_key(job: Job) -> bool:
    return leaked_keys.mail_owner_of_leaked_key(event_of_job(job), cause=job.pk)

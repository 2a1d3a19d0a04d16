"""Emails that follow submissions, and deleting files that belong to none."""

from typing import Any

from foundation.actor import Actor
from foundation.audit.queries import event_of_job
from foundation.jobs.models import Job
from foundation.jobs.registry import job
from wordclaw.content.assets.actions import delete_files_of_deleted_items
from wordclaw.content.items.deletion import RESTORE_PERIOD
from wordclaw.forms.mails import mail_form_answered, mail_form_decided, mail_form_submitted
from wordclaw.forms.uploads.actions import delete_old_uploads


@job("mails.form_submitted")
def form_submitted(job: Job) -> bool:
    return mail_form_submitted(event_of_job(job), cause=job.pk)


@job("mails.form_answered")
def form_answered(job: Job) -> bool:
    return mail_form_answered(event_of_job(job), cause=job.pk)


@job("mails.form_decided")
def form_decided(job: Job) -> bool:
    return mail_form_decided(event_of_job(job), cause=job.pk)


@job("forms.delete_old_files")
def delete_old_files(job: Job) -> dict[str, Any]:
    """Delete files that were never sent, and those of deleted submissions."""
    by = Actor(door="system")
    deleted_count = delete_files_of_deleted_items(older_than=RESTORE_PERIOD, by=by)
    return {"uploads": delete_old_uploads(), "files": deleted_count}

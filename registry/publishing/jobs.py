"""Clean-up after uploads."""

from foundation.jobs.models import Job
from foundation.jobs.registry import job
from registry.publishing.drafts import forget_expired_drafts
from registry.publishing.sweep import sweep_files


@job("publishing.delete_expired_drafts")
def delete_expired_drafts(_job: Job) -> int:
    return forget_expired_drafts()


@job("publishing.sweep_files")
def delete_orphaned_files(_job: Job) -> int:
    return sweep_files()

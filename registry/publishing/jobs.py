"""Jobs that delete what is left of old uploads."""

from foundation.jobs.models import Job
from foundation.jobs.registry import job
from registry.publishing import actions, sweep


@job("publishing.delete_expired_drafts")
def delete_expired_drafts(_job: Job) -> int:
    return actions.delete_expired_drafts()


@job("publishing.sweep_files")
def sweep_files(_job: Job) -> int:
    return sweep.sweep_files()

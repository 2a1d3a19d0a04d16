"""Jobs of trusted publishing."""

from foundation.jobs.models import Job
from foundation.jobs.registry import job
from registry.provenance import actions


@job("provenance.delete_expired_keys")
def delete_expired_keys(_job: Job) -> int:
    return actions.delete_expired_ci_keys()

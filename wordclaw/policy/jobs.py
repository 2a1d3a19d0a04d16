"""Scheduled work of the policy."""

from datetime import timedelta

from foundation.clock import now
from foundation.jobs.models import Job
from foundation.jobs.registry import job
from wordclaw.policy.models import PolicyDecision

RETENTION = timedelta(days=90)


@job("policy.delete_old_decisions")
def delete_old_decisions(job: Job) -> int:
    deleted: int = PolicyDecision.objects.filter(created_at__lt=now() - RETENTION).delete()[0]
    return deleted

"""Work of the policy at a later time: emails, and deleting old decisions."""

from datetime import timedelta

from foundation.audit.queries import event_of_job
from foundation.clock import now
from foundation.jobs.models import Job
from foundation.jobs.registry import job
from wordclaw.policy.mails import mail_invited
from wordclaw.policy.models import PolicyDecision

# Each row names a user and what was tried, so the log is not kept for ever.
RETENTION = timedelta(days=90)


@job("policy.delete_old_decisions")
def delete_old_decisions(job: Job) -> int:
    deleted_count: int = PolicyDecision.objects.filter(created_at__lt=now() - RETENTION).delete()[0]
    return deleted_count


@job("mails.member_invited")
def member_invited(job: Job) -> bool:
    return mail_invited(event_of_job(job), cause=job.pk)

"""Questions to the audit log."""

from foundation.audit.models import AuditLog
from foundation.jobs.models import Job


def event_of_job(job: Job) -> AuditLog:
    """Return the event that a reaction was enqueued for."""
    event: AuditLog = AuditLog.objects.select_related("user").get(pk=job.payload["event"])
    return event

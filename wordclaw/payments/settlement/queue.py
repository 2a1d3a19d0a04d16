"""Queues the check of open payments.

The provider may be slow, so its jobs have a queue of their own.
"""

from django.db import transaction

from foundation.jobs.actions import enqueue
from foundation.jobs.models import Job, JobStatus

# Stored with waiting jobs: a new name would leave those without a function.
CHECK = "payments.check"
QUEUE = "payments"


@transaction.atomic
def enqueue_check() -> bool:
    """Queue the check of due payments; False if one is queued already."""
    if Job.objects.filter(kind=CHECK, status=JobStatus.QUEUED).exists():
        return False
    enqueue(CHECK, {}, queue=QUEUE)
    return True

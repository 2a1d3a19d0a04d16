"""Scheduling a change of an item's state, and running it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.jobs.actions import cancel_job, enqueue, retry_job
from foundation.jobs.errors import PermanentFailure
from foundation.jobs.models import Job
from foundation.refusals import (
    Conflict,
    InsufficientStorage,
    Invalid,
    Refusal,
    TooMany,
    Unavailable,
)
from wordclaw.content.items.actions import STATE_CHANGES, require_no_workflow
from wordclaw.content.items.queries import get_item
from wordclaw.content.items.recording import record_change
from wordclaw.content.scheduling.queries import find_job, jobs_of
from wordclaw.policy.actions import authorize
from wordclaw.policy.errors import PolicyFailed
from wordclaw.policy.models import Domain

# Stored with every waiting job: a new name would leave those without a function.
CHANGE_STATE = "content.change_state"
QUEUE = "content"
MAX_WAITING_CHANGES = 1_000
"""Of one domain. Each is a job, and all domains share the worker."""


class InvalidScheduledChange(Invalid):
    code = "invalid_body"
    message = "action is publish, unpublish or archive."
    remediation = "Use the action publish, unpublish or archive."


class TooManyChanges(Conflict):
    code = "too_many_scheduled_changes"
    remediation = "Cancel waiting jobs of the domain, or wait until they have run."


@transaction.atomic
def schedule_change(
    domain: Domain, item_id: str, *, action: str, run_at: datetime, by: Actor
) -> Job:
    """Change an item's state at a time, or at once if that has passed.

    Raises ItemNotFound, InvalidScheduledChange, WorkflowRequired or TooManyChanges.
    """
    user = by.require_user()
    authorize(by, "content.write", domain, resource_type="content_item", resource_id=item_id)
    # Refused now: a wrong word in a job would only fail at its time, unseen.
    if action not in STATE_CHANGES:
        raise InvalidScheduledChange
    item = get_item(domain, item_id)
    # Now, because the failure of a job is easily overlooked.
    require_no_workflow(item.content_type)
    # The user and not the key: a key may be revoked long before the time comes.
    waiting_jobs = jobs_of(domain, status=Job.Status.QUEUED, kind=CHANGE_STATE)
    if waiting_jobs.count() >= MAX_WAITING_CHANGES:
        raise TooManyChanges(f"A domain has at most {MAX_WAITING_CHANGES:,} waiting changes.")
    payload = {"item": str(item.pk), "action": action, "user": str(user.pk)}
    job = enqueue(CHANGE_STATE, payload, queue=QUEUE, run_at=run_at, tenant=domain.name)
    record_change("schedule", item, by=by, job=str(job.pk), action_at=run_at.isoformat())
    return job


def run_change(job: Job) -> dict[str, Any]:
    """Do a scheduled change with the rights that its author has now.

    Most refusals are final: the item or the right is gone, and no repetition brings it back.
    """
    domain = Domain.objects.get(name=job.tenant)
    # A suspended author gets no user, and the policy then refuses the change.
    user = User.objects.filter(pk=job.payload["user"], is_active=True).first()
    change = STATE_CHANGES[job.payload["action"]]
    try:
        item = change(domain, job.payload["item"], by=Actor(user=user, door="job"))
    except (TooMany, InsufficientStorage, Unavailable, PolicyFailed):
        # Later there is time or space again, or an answer of the policy, so the worker tries again.
        raise
    except Refusal as refusal:
        raise PermanentFailure(f"{refusal.code}: {refusal.message}") from refusal
    return {"version": item.version}


@transaction.atomic
def cancel(domain: Domain, job_id: str, *, by: Actor) -> Job:
    """Cancel a waiting job of a domain. Raises JobNotFound or JobCancelForbidden."""
    role = authorize(by, "content.write", domain, resource_type="job", resource_id=job_id)
    job = find_job(domain, job_id, role=role)
    cancel_job(job)
    record("job.cancel", "job", str(job.pk), by=by, tenant=domain.name, kind=job.kind)
    return job


@transaction.atomic
def retry(domain: Domain, job_id: str, *, by: Actor) -> Job:
    """Run a failed job of a domain again. Raises JobNotFound or JobRetryForbidden."""
    role = authorize(by, "content.write", domain, resource_type="job", resource_id=job_id)
    job = find_job(domain, job_id, role=role)
    retry_job(job)
    record("job.retry", "job", str(job.pk), by=by, tenant=domain.name, kind=job.kind)
    return job

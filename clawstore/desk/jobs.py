"""The measures on jobs at the desk."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.desk.measures import Measure
from foundation.jobs.actions import cancel_job, retry_job
from foundation.jobs.admin import JobAdmin
from foundation.jobs.models import Job
from registry.rules.permissions import require_moderator


@transaction.atomic
def cancel_at_desk(job: Job, *, by: Actor) -> None:
    """Cancel a waiting job. Raises JobCancelForbidden."""
    require_moderator(by)
    cancel_job(job)
    record("job.cancel", "job", str(job.pk), by=by, tenant=job.tenant, kind=job.kind)


@transaction.atomic
def retry_at_desk(job: Job, *, by: Actor) -> None:
    """Run a failed job again. Raises JobRetryForbidden."""
    require_moderator(by)
    retry_job(job)
    record("job.retry", "job", str(job.pk), by=by, tenant=job.tenant, kind=job.kind)


RETRY = Measure(
    name="retry",
    label=_("Run the job again"),
    consequence=_("It is queued with as many attempts as a new job."),
    readers=_("The audit log names the job and you."),
    needs_reason=False,
    run=lambda job, form, by: retry_at_desk(job, by=by),
    message=lambda job, form, by: gettext("Queued %s again") % job.kind,
    applies=lambda job: job.status == Job.Status.FAILED,
)
CANCEL = Measure(
    name="cancel",
    label=_("Cancel the job"),
    consequence=_("It never runs. What it would have done is not done."),
    readers=_("The audit log names the job and you."),
    needs_reason=False,
    run=lambda job, form, by: cancel_at_desk(job, by=by),
    message=lambda job, form, by: gettext("Cancelled %s") % job.kind,
    applies=lambda job: job.status == Job.Status.QUEUED,
)


class DeskJobAdmin(JobAdmin):
    measures = (RETRY, CANCEL)
    measure_permission = "jobs.change_job"

    def audit_name(self, row: Any) -> str:
        return f"job {row.pk}"

"""Jobs of a domain."""

from django.db.models import QuerySet

from foundation.jobs.errors import JobNotFound
from foundation.jobs.models import Job
from foundation.text.input import read_uuid
from wordclaw.policy.models import Domain
from wordclaw.policy.rules import may_role


def jobs_of(domain: Domain, *, status: str | None = None, kind: str | None = None) -> QuerySet[Job]:
    # The queue is shared with the whole shop; jobs without this tenant do not exist here.
    jobs: QuerySet[Job] = Job.objects.filter(tenant=domain.name)
    if status is not None:
        jobs = jobs.filter(status=status)
    return jobs if kind is None else jobs.filter(kind=kind)


def visible_jobs(domain: Domain, role: str, **filters: str | None) -> QuerySet[Job]:
    """Return the jobs of a domain that a member may see.

    Jobs of webhooks name their hosts, which only those who manage webhooks may read.
    """
    jobs = jobs_of(domain, **filters)
    is_manager = may_role(role, "webhooks.write")
    return jobs if is_manager else jobs.filter(kind__startswith="content.")


def find_job(domain: Domain, job_id: str, *, role: str) -> Job:
    """Return a job that a member may see. Raises JobNotFound."""
    job: Job | None = visible_jobs(domain, role).filter(pk=read_uuid(job_id)).first()
    if job is None:
        raise JobNotFound
    return job

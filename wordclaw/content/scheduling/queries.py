"""Jobs of a domain."""

from django.db.models import QuerySet

from foundation.jobs.errors import JobNotFound
from foundation.jobs.models import Job
from foundation.text.input import read_uuid
from wordclaw.policy.models import Domain


def jobs_of(domain: Domain, *, status: str | None = None, kind: str | None = None) -> QuerySet[Job]:
    # The queue is shared with the whole shop; jobs without this tenant do not exist here.
    jobs: QuerySet[Job] = Job.objects.filter(tenant=domain.name)
    if status is not None:
        jobs = jobs.filter(status=status)
    return jobs if kind is None else jobs.filter(kind=kind)


def find_job(domain: Domain, job_id: str) -> Job:
    """Raises JobNotFound."""
    job: Job | None = jobs_of(domain).filter(pk=read_uuid(job_id)).first()
    if job is None:
        raise JobNotFound
    return job

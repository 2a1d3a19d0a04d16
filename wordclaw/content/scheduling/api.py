"""JSON endpoints of scheduled changes and jobs."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from foundation.access.api import signed_in
from foundation.paging import fetch_page, read_limit
from foundation.web.responses import json_response
from wordclaw.content.scheduling.actions import cancel, retry, schedule_change
from wordclaw.content.scheduling.queries import find_job, visible_jobs
from wordclaw.content.scheduling.schemas import (
    JobOut,
    JobPage,
    ScheduleIn,
    job_out,
    read_run_at,
)
from wordclaw.policy.actions import authorize, find_domain
from wordclaw.policy.queries import NEWEST_FIRST
from wordclaw.requests.api import (
    READ,
    WRITE,
    Answer,
    actor_of,
    cursor_errors,
    page_response,
    write,
)

router = Router(tags=["jobs"])
DOMAIN = "/domains/{domain}"
JOBS = DOMAIN + "/jobs"


@router.post(
    DOMAIN + "/content-items/{item_id}/schedule",
    auth=signed_in,
    throttle=WRITE,
    response={201: JobOut},
    summary="Publish, unpublish or archive an item at a time",
)
@write
def schedule(request: HttpRequest, domain: str, item_id: str, body: ScheduleIn) -> Answer:
    by = actor_of(request)
    job = schedule_change(
        find_domain(domain, by),
        item_id,
        action=body.action,
        run_at=read_run_at(body.runAt),
        by=by,
    )
    return Answer(job_out(job), status=201)


@router.get(JOBS, auth=signed_in, throttle=READ, response=JobPage, summary="Jobs of a domain")
@cursor_errors
def list_jobs(
    request: HttpRequest,
    domain: str,
    status: str | None = None,
    kind: str | None = None,
    limit: str | None = None,
    cursor: str | None = None,
) -> HttpResponse:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    role = authorize(by, "content.read", tenant, resource_type="job")
    jobs = visible_jobs(tenant, role, status=status, kind=kind)
    page = fetch_page(jobs, NEWEST_FIRST, limit=read_limit(limit), cursor=cursor, name="jobs")
    return page_response([job_out(job) for job in page.items], page.next_cursor)


@router.get(JOBS + "/{job_id}", auth=signed_in, throttle=READ, response=JobOut, summary="One job")
def read_job(request: HttpRequest, domain: str, job_id: str) -> HttpResponse:
    by = actor_of(request)
    tenant = find_domain(domain, by)
    role = authorize(by, "content.read", tenant, resource_type="job", resource_id=job_id)
    return json_response(job_out(find_job(tenant, job_id, role=role)))


@router.post(
    JOBS + "/{job_id}/cancel",
    auth=signed_in,
    throttle=WRITE,
    response=JobOut,
    summary="Cancel a waiting job",
)
@write
def cancel_one(request: HttpRequest, domain: str, job_id: str) -> Answer:
    by = actor_of(request)
    return Answer(job_out(cancel(find_domain(domain, by), job_id, by=by)))


@router.post(
    JOBS + "/{job_id}/retry",
    auth=signed_in,
    throttle=WRITE,
    response=JobOut,
    summary="Run a failed job again",
)
@write
def retry_one(request: HttpRequest, domain: str, job_id: str) -> Answer:
    by = actor_of(request)
    return Answer(job_out(retry(find_domain(domain, by), job_id, by=by)))

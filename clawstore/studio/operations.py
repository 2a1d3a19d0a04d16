"""Jobs of a domain, and the log of decisions of the policy."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clawstore.studio.doors import StudioRequest, studio_page
from clawstore.studio.frame import frame
from foundation.accounts.models import User
from foundation.jobs.models import Job
from foundation.jobs.redaction import without_secrets
from foundation.paging import fetch_page
from foundation.refusals import Conflict, Refusal
from foundation.text.input import read_uuid
from wordclaw.content.scheduling.actions import cancel, retry
from wordclaw.content.scheduling.queries import visible_jobs
from wordclaw.policy.jobs import RETENTION
from wordclaw.policy.models import Domain, PolicyDecision
from wordclaw.policy.queries import NEWEST_FIRST, decisions_of

ROWS_PER_PAGE = 50
STATES = {
    "": (Job.Status.QUEUED, Job.Status.RUNNING),
    "failed": (Job.Status.FAILED,),
    "ended": (Job.Status.SUCCEEDED, Job.Status.CANCELLED),
}


@studio_page("audit.read", methods=("GET", "HEAD", "POST"))
def jobs(request: StudioRequest, domain: Domain) -> HttpResponse:
    """The jobs of a domain; a POST cancels a waiting one or runs a failed one again."""
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            action = cancel if request.POST.get("do") == "cancel" else retry
            action(domain, request.POST.get("job", ""), by=request.actor)
            is_cancelled = action is cancel
            messages.success(request, _("Cancelled.") if is_cancelled else _("It runs again."))
            return redirect("studio_jobs", domain)
        except Conflict as error:
            refusal = error
    state = request.GET.get("state", "")
    statuses = STATES.get(state, STATES[""])
    page = fetch_page(
        visible_jobs(domain, request.role).filter(status__in=statuses),
        NEWEST_FIRST,
        limit=ROWS_PER_PAGE,
        cursor=request.GET.get("cursor"),
        name=f"jobs {state}",
    )
    context = frame(request, domain, tab="activity") | {
        "rows": [job_row(job) for job in page.items],
        "next_cursor": page.next_cursor,
        "state": state,
        "refusal": refusal,
    }
    return render(request, "studio/jobs.html", context, status=refusal.status if refusal else 200)


def job_row(job: Job) -> dict[str, Any]:
    """Return a job, and its payload and error without secrets."""
    payload, error = without_secrets(job.payload), without_secrets(job.last_error)
    return {"job": job, "payload": payload, "error": error}


@studio_page("audit.read")
def decisions(request: StudioRequest, domain: Domain) -> HttpResponse:
    """The log of decisions of the policy: who was refused what, and what helps."""
    outcome = request.GET.get("outcome", "deny")
    rows = decisions_of(domain)
    rows = rows if outcome == "all" else rows.exclude(outcome="allow")
    page = fetch_page(
        rows,
        NEWEST_FIRST,
        limit=ROWS_PER_PAGE,
        cursor=request.GET.get("cursor"),
        name=f"decisions {outcome}",
    )
    context = frame(request, domain, tab="activity") | {
        "rows": decision_rows(page.items),
        "next_cursor": page.next_cursor,
        "outcome": outcome,
        "days": RETENTION.days,
    }
    return render(request, "studio/decisions.html", context)


def decision_rows(rows: list[PolicyDecision]) -> list[dict[str, Any]]:
    """Return decisions with the logins of those who asked."""
    user_ids = {read_uuid(row.principal_id) for row in rows}
    logins = dict(User.objects.filter(pk__in=user_ids).values_list("pk", "username"))
    return [{"decision": row, "login": logins.get(read_uuid(row.principal_id), "")} for row in rows]

"""Reviews: the inbox, a task with what it would change, submitting, comments."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clawstore.studio.comparison import compare_documents
from clawstore.studio.doors import StudioRequest, studio_page
from clawstore.studio.feedback_review import feedback_review, may_decide
from clawstore.studio.forms import DecisionForm, FeedbackDecisionForm, SubmitForm
from clawstore.studio.frame import frame, item_frame
from clawstore.studio.references import targets_for_member
from clawstore.studio.review_queries import (
    allowed_transitions,
    comment_places,
    comment_threads,
    possible_reviewers,
    task_rows,
)
from foundation.clock import now
from foundation.paging import numbered_page
from foundation.refusals import Conflict, Invalid, Refusal
from foundation.text.input import read_whole_number
from foundation.web.forms import add_refusal
from wordclaw.content.items.queries import find_version, get_item
from wordclaw.content.models import ContentItemVersion
from wordclaw.policy.actions import authorize
from wordclaw.policy.models import Domain
from wordclaw.policy.rules import may_role
from wordclaw.requests.errors import PreconditionFailed
from wordclaw.workflow.comments.actions import add_comment, resolve_comment
from wordclaw.workflow.errors import (
    FourEyesRequired,
    ReviewTaskNotFound,
    TransitionForbidden,
    TransitionNotFound,
)
from wordclaw.workflow.models import ReviewTask, TaskSource
from wordclaw.workflow.reviews.actions import claim_task, decide_task, release_task, submit_item
from wordclaw.workflow.reviews.queries import INBOX, TaskFilters, find_task, tasks_of

READ_AND_WRITE = ("GET", "HEAD", "POST")
TASKS_PER_PAGE = 25
REFUSALS = (
    *(Conflict, Invalid, PreconditionFailed),
    *(FourEyesRequired, TransitionForbidden, TransitionNotFound),
)
"""Refusals that the page shows beside its form; a missing right is a page of its own."""
DECISIONS = {"approve": "approved", "reject": "rejected"}
DONE = {
    "approve": gettext_lazy("Approved. The item has its new state."),
    "reject": gettext_lazy("Rejected. The author reads your reason."),
    "claim": gettext_lazy("The task is yours."),
    "release": gettext_lazy("The task is open to all reviewers again."),
}
DONE_OUTSIDE = {
    "approve": gettext_lazy("Accepted. The person who asked reads your answer."),
    "reject": gettext_lazy("Declined. The person who asked reads your answer."),
}
"""After decisions on what came from outside: by feedback or with a form."""


@studio_page()
def inbox(request: StudioRequest, domain: Domain) -> HttpResponse:
    """The tasks that wait, those that are due first; or those that were decided."""
    tab_name = request.GET.get("show", "")
    filters = TaskFilters(
        status=None if tab_name == "decided" else ReviewTask.Status.PENDING,
        assignee_id=request.actor.user_id if tab_name == "mine" else None,
    )
    tasks = tasks_of(domain, filters, by=request.actor)
    if tab_name == "decided":
        tasks = tasks.exclude(status=ReviewTask.Status.PENDING).order_by("-updated_at", "id")
    else:
        tasks = tasks.order_by(*[sort.order_by() for sort in INBOX])
    page = numbered_page(Paginator(tasks, TASKS_PER_PAGE), request.GET.get("page"))
    context = frame(request, domain, tab="reviews") | {
        "page": page,
        "rows": task_rows(domain, list(page.object_list), now()),
        "tab_name": tab_name,
        "may_review": may_role(request.role, "content.review"),
    }
    return render(request, "studio/reviews.html", context)


@studio_page(methods=READ_AND_WRITE)
def review(request: StudioRequest, domain: Domain, task_id: str) -> HttpResponse:
    """A task: what readers get now, what is proposed, and the decision."""
    refusal: Refusal | None = None
    task = find_task(domain, task_id)
    if task is None:
        raise ReviewTaskNotFound
    form_class = FeedbackDecisionForm if task.is_feedback else DecisionForm
    form = form_class(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            return _act(request, task, form.cleaned_data["reason"])
        except REFUSALS as error:
            refusal = error
            task = find_task(domain, task_id) or task
    if task.is_feedback or task.item_id is None:
        return feedback_review(request, domain, task, form, refusal)
    item = get_item(domain, task.item_id)
    live = item.published_version
    proposal = find_version(item, task.version)
    schema = item.content_type.schema
    comparison = compare_documents(
        schema,
        live.data if live else {},
        proposal.data,
        targets_for_member(domain, request.actor),
        names=_side_names(live, proposal),
    )
    is_pending = task.status == ReviewTask.Status.PENDING
    context = item_frame(request, item)
    context |= {
        "tab": "reviews",
        "task": task,
        "row": task_rows(domain, [task], now(), {item.pk: context["title"]})[0],
        "live": live,
        "is_pending": is_pending,
        "comparison": comparison,
        "places": comment_places(schema, proposal.data, comparison.changes),
        "about": request.GET.get("about", ""),
        "threads": comment_threads(item),
        "may_review": may_role(request.role, "content.review"),
        "may_decide": is_pending and may_decide(request, task),
        "is_own": request.actor.user_id in (task.author_id, task.submitter_id),
        "is_claimed": task.assignee_id == request.actor.user_id,
        "form": form,
        "refusal": refusal,
    }
    status = refusal.status if refusal else 422 if form.errors else 200
    return render(request, "studio/review.html", context, status=status)


def _side_names(live: ContentItemVersion | None, proposal: ContentItemVersion) -> tuple[str, str]:
    """Return the headings of both versions; the first is "" if nothing is live."""
    if live is None:
        return "", ""
    return _("Live: version %d") % live.version, _("Proposed: version %d") % proposal.version


def _act(request: StudioRequest, task: ReviewTask, reason: str) -> HttpResponse:
    step, by, domain, task_id = request.POST.get("do", ""), request.actor, task.domain, str(task.pk)
    words = DONE
    if step in DECISIONS:
        is_from_outside = task.source != TaskSource.AUTHOR_SUBMIT
        words = DONE_OUTSIDE if is_from_outside else DONE
        decide_task(domain, task_id, decision=DECISIONS[step], reason=reason, by=by)
    elif step == "claim":
        claim_task(domain, task_id, by=by)
    else:
        step = "release"
        release_task(domain, task_id, by=by)
    messages.success(request, words[step])
    if step in DECISIONS:
        return redirect("studio_reviews", domain)
    return redirect("studio_review", domain, task_id)


@studio_page(methods=READ_AND_WRITE)
def submit(request: StudioRequest, domain: Domain, item_id: str) -> HttpResponse:
    """Submit an item to a review, and the tasks that it had."""
    item = get_item(domain, item_id)
    filters = TaskFilters(item=str(item.pk))
    tasks = list(tasks_of(domain, filters, by=request.actor).order_by("-created_at")[:25])
    transitions = allowed_transitions(item, tasks, request.role)
    if request.method == "POST" and not transitions:
        # Without a choice the form is never valid, and would hide that the right is missing.
        authorize(request.actor, "content.write", domain, resource_type="content_item")
    form = SubmitForm(
        transitions,
        possible_reviewers(domain, item, request.actor),
        request.POST if request.method == "POST" else None,
    )
    if form.is_bound and form.is_valid():
        try:
            task = submit_item(
                domain,
                str(item.pk),
                expected_version=read_whole_number(request.POST.get("base")),
                by=request.actor,
                **form.cleaned_data,
            )
            messages.success(request, _("Submitted. A reviewer decides; readers see no change."))
            return redirect("studio_review", domain, task.pk)
        except REFUSALS as refusal:
            add_refusal(form, refusal)
    context = item_frame(request, item) | {
        "form": form,
        "transitions": transitions,
        "rows": task_rows(domain, tasks, now()),
    }
    return render(request, "studio/submit.html", context, status=422 if form.errors else 200)


class SessionChanged(Conflict):
    code = "session_changed"
    message = "Your session has changed, so nothing was sent. Check your text and send it again."


@studio_page(methods=("POST",), keeps_text=True)
def comment(request: StudioRequest, domain: Domain, item_id: str) -> HttpResponse:
    """Add a comment to an item, or mark one as done; back to the page of the task."""
    # A form of an earlier session may come from another account.
    if not request.is_verified:
        raise SessionChanged
    task_id, thread = request.POST.get("task", ""), request.POST.get("thread", "")
    item = get_item(domain, item_id)
    task = find_task(domain, task_id)
    if request.POST.get("do") in ("resolve", "reopen"):
        is_resolved = request.POST.get("do") == "resolve"
        resolve_comment(domain, str(item.pk), thread, is_resolved=is_resolved, by=request.actor)
    else:
        add_comment(
            domain,
            str(item.pk),
            body=request.POST.get("body", ""),
            pointer=request.POST.get("pointer", ""),
            reply_to=thread or None,
            by=request.actor,
        )
        messages.success(request, _("Comment added."))
    # Only to pages of this item: the address comes from the form.
    if task is not None and task.item_id == item.pk:
        return redirect(reverse("studio_review", args=[domain, task.pk]) + "#comments")
    return redirect("studio_submit", domain, item.pk)

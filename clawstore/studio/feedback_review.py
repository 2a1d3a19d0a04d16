"""The page of a review task that feedback opened."""

from django.http import HttpResponse
from django.shortcuts import render

from clawstore.studio.doors import StudioRequest
from clawstore.studio.forms import DecisionForm
from clawstore.studio.frame import frame
from clawstore.studio.review_queries import task_rows
from foundation.clock import now
from foundation.refusals import Refusal
from wordclaw.feedback.models import ExternalFeedback
from wordclaw.policy.models import Domain
from wordclaw.policy.rules import may_role
from wordclaw.workflow.models import ReviewTask


def feedback_review(
    request: StudioRequest,
    domain: Domain,
    task: ReviewTask,
    form: DecisionForm,
    refusal: Refusal | None,
) -> HttpResponse:
    """A task of feedback: what was asked for, and whether the domain will do it."""
    event = ExternalFeedback.objects.filter(domain=domain, task=task).first()
    is_pending = task.status == ReviewTask.Status.PENDING
    row = task_rows(domain, [task], now())[0]
    context = frame(request, domain, tab="reviews") | {
        "task": task,
        "row": row,
        "title": row.title,
        "event": event,
        "is_pending": is_pending,
        "may_review": may_role(request.role, "content.review"),
        "may_decide": is_pending and may_decide(request, task),
        "is_own": False,
        "is_claimed": task.assignee_id == request.actor.user_id,
        "form": form,
        "refusal": refusal,
    }
    status = refusal.status if refusal else 422 if form.errors else 200
    return render(request, "studio/feedback_review.html", context, status=status)


def may_decide(request: StudioRequest, task: ReviewTask) -> bool:
    is_assignee = task.assignee_id == request.actor.user_id
    return is_assignee or may_role(request.role, "content.review")

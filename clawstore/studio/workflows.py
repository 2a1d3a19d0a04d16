"""The workflow of a content type: whether its items need a review."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clawstore.studio.doors import StudioRequest, studio_page
from clawstore.studio.forms import TransitionForm, WorkflowForm
from clawstore.studio.frame import frame
from foundation.actor import Actor
from foundation.refusals import Conflict, Invalid
from foundation.web.forms import add_refusal
from wordclaw.content.lookup import find_type
from wordclaw.content.models import ContentType
from wordclaw.content.models.items import ARCHIVED, CHANGES_REQUESTED, DRAFT, PUBLISHED
from wordclaw.policy.models import Domain
from wordclaw.workflow.definitions import actions
from wordclaw.workflow.definitions.queries import active_workflow, transitions_of, workflows_of
from wordclaw.workflow.models import Workflow

USUAL_TRANSITIONS = (
    (DRAFT, PUBLISHED),
    (CHANGES_REQUESTED, PUBLISHED),
    (PUBLISHED, DRAFT),
    (PUBLISHED, ARCHIVED),
    (ARCHIVED, DRAFT),
)
"""Transitions of a workflow that is made in the studio: all that is possible without one."""


@studio_page("content.admin", methods=("GET", "HEAD", "POST"))
def workflow(request: StudioRequest, domain: Domain, slug: str) -> HttpResponse:
    """Show the workflow of a content type, and change it."""
    content_type = find_type(domain, slug)
    active = active_workflow(content_type)
    data = request.POST if request.method == "POST" else None
    step = request.POST.get("do", "")
    initial = {"name": active.name, "sla_hours": active.sla_hours} if active else None
    form = WorkflowForm(data if step == "save" else None, initial=initial)
    transition_form = TransitionForm(data if step == "add" else None)
    if data is not None:
        bound = transition_form if step == "add" else form
        try:
            if _change(request, content_type, active, form, transition_form):
                return redirect("studio_workflow", domain, slug)
        except (Invalid, Conflict) as refusal:
            add_refusal(bound, refusal)
    context = frame(request, domain, tab="content") | {
        "content_type": content_type,
        "workflow": active,
        "transitions": transitions_of(active) if active else [],
        "former": workflows_of(domain, slug=slug).filter(is_active=False).order_by("-updated_at"),
        "form": form,
        "transition_form": transition_form,
    }
    status = 422 if form.errors or transition_form.errors else 200
    return render(request, "studio/workflow.html", context, status=status)


def _change(
    request: StudioRequest,
    content_type: ContentType,
    active: Workflow | None,
    form: WorkflowForm,
    transition_form: TransitionForm,
) -> bool:
    """Do what the form asks for. Returns False for a form that is not valid."""
    domain, step, by = content_type.domain, request.POST.get("do", ""), request.actor
    if step == "save" and form.is_valid():
        if active is None:
            start_workflow(content_type, **form.cleaned_data, by=by)
            messages.success(request, _("Items of this type are now published by a review."))
        else:
            actions.change_workflow(domain, str(active.pk), form.cleaned_data, by=by)
            messages.success(request, _("Saved."))
        return True
    if active is None:
        return False
    if step == "add" and transition_form.is_valid():
        fields = transition_form.cleaned_data
        actions.add_transition(domain, str(active.pk), **fields, by=by)
        return True
    if step == "remove":
        transition_id = request.POST.get("transition", "")
        actions.remove_transition(domain, str(active.pk), transition_id, by=by)
        return True
    if step == "retire":
        actions.change_workflow(domain, str(active.pk), {"is_active": False}, by=by)
        messages.success(request, _("Items of this type are published without a review again."))
        return True
    return False


def start_workflow(
    content_type: ContentType, *, name: str, sla_hours: int | None, by: Actor
) -> Workflow:
    """Give a content type a workflow with the usual transitions."""
    domain = content_type.domain
    workflow = actions.create_workflow(
        domain, content_type.slug, name=name, sla_hours=sla_hours, by=by
    )
    for from_state, to_state in USUAL_TRANSITIONS:
        actions.add_transition(
            domain,
            str(workflow.pk),
            from_state=from_state,
            to_state=to_state,
            required_roles=[],
            by=by,
        )
    return workflow

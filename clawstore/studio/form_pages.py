"""Forms of a domain: their list, defining one, its preview."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from clawstore.intake.forms import SubmissionForm
from clawstore.studio.definition_form import DefinitionForm, initial_of
from clawstore.studio.doors import StudioRequest, studio_page
from clawstore.studio.form_fields import choices_of, columns_of, left_out, read_choices
from clawstore.studio.frame import frame
from foundation.refusals import Conflict, Invalid, Refusal
from foundation.text.input import read_whole_number
from foundation.web.forms import add_refusal
from wordclaw.content.lookup import BY_SLUG, find_type
from wordclaw.content.models import ContentType
from wordclaw.forms.definitions.actions import change_form, create_form, delete_form
from wordclaw.forms.definitions.queries import find_form, forms_of
from wordclaw.forms.errors import FormFieldError
from wordclaw.forms.models import FormDefinition
from wordclaw.policy.models import Domain, DomainKind
from wordclaw.requests.errors import PreconditionFailed
from wordclaw.workflow.definitions.queries import active_workflow, transitions_of

READ_AND_WRITE = ("GET", "HEAD", "POST")
REFUSALS = (Invalid, Conflict, PreconditionFailed)


@studio_page()
def form_list(request: StudioRequest, domain: Domain) -> HttpResponse:
    """The forms of a domain with the number of their open submissions."""
    is_open = Q(submissions__is_set_apart=False, submissions__answered_at=None) & (
        Q(submissions__task=None) | Q(submissions__task__status="pending")
    )
    forms = forms_of(domain).annotate(
        open_count=Count("submissions", filter=is_open), count=Count("submissions")
    )
    types = ContentType.objects.filter(domain=domain, deleted_at=None, kind="collection")
    context = frame(request, domain, tab="forms") | {
        "rows": list(forms.order_by("name", "id")),
        "types": list(types.order_by(*[sort.order_by() for sort in BY_SLUG])),
        "is_store": domain.kind == DomainKind.STORE,
    }
    return render(request, "studio/forms.html", context)


@studio_page("content.admin", methods=READ_AND_WRITE)
def new_form(request: StudioRequest, domain: Domain) -> HttpResponse:
    """Define a form on a content type."""
    slug = request.GET.get("type", "")
    return _edit(request, find_type(domain, slug), None)


@studio_page("content.admin", methods=READ_AND_WRITE)
def edit_form(request: StudioRequest, domain: Domain, slug: str) -> HttpResponse:
    """Change a form."""
    form = find_form(domain, slug)
    return _edit(request, form.content_type, form)


def _edit(
    request: StudioRequest, content_type: ContentType, definition: FormDefinition | None
) -> HttpResponse:
    is_sent = request.method == "POST"
    workflow = active_workflow(content_type)
    choices = choices_of(content_type, definition)
    initial = initial_of(definition) if definition else _first_values(content_type)
    form = DefinitionForm(
        transitions_of(workflow) if workflow else [],
        request.POST if is_sent else None,
        initial=initial,
    )
    status = 200
    if is_sent:
        read_choices(choices, request.POST.dict())
        status = 422
        if form.is_valid():
            try:
                definition = _save(request, content_type, definition, form, columns_of(choices))
                return redirect("studio_form", content_type.domain, definition.slug)
            except REFUSALS as refusal:
                _show_refusal(form, refusal)
                status = refusal.status
    context = frame(request, content_type.domain, tab="forms") | {
        "content_type": content_type,
        "definition": definition,
        "form": form,
        "choices": choices,
        "left_out": left_out(content_type),
        "base": request.POST.get("base", "") or (definition.version if definition else ""),
        "has_workflow": workflow is not None,
    }
    return render(request, "studio/form_edit.html", context, status=status)


def _first_values(content_type: ContentType) -> dict[str, Any]:
    return {"name": content_type.name, "slug": content_type.slug}


def _save(
    request: StudioRequest,
    content_type: ContentType,
    definition: FormDefinition | None,
    form: DefinitionForm,
    columns: dict[str, Any],
) -> FormDefinition:
    columns = form.columns() | columns
    transition_id = form.cleaned_data["transition"] or None
    if definition is None:
        definition = create_form(
            content_type.domain,
            columns,
            content_type=content_type.slug,
            transition_id=transition_id,
            by=request.actor,
        )
    else:
        definition = change_form(
            content_type.domain,
            definition.slug,
            columns,
            changes_transition=True,
            transition_id=transition_id,
            expected_version=read_whole_number(request.POST.get("base")),
            by=request.actor,
        )
    messages.success(request, _("The form is saved."))
    if definition.new_secret:
        text = _("Secret of the webhook, which you won't see again: %s")
        messages.warning(request, text % definition.new_secret)
    return definition


def _show_refusal(form: DefinitionForm, refusal: Refusal) -> None:
    if isinstance(refusal, FormFieldError):
        names = ", ".join(refusal.details["fields"])
        form.add_error(None, f"{refusal.message} ({names})")
    elif refusal.code == "form_webhook_url_unsafe":
        form.add_error("webhook_url", refusal.message)
    elif refusal.code == "form_transition_invalid":
        form.add_error("transition", refusal.message)
    elif refusal.code == "form_submission_status_invalid":
        form.add_error("submission_status", refusal.message)
    elif refusal.code == "form_slug_conflict":
        form.add_error("slug", refusal.message)
    else:
        add_refusal(form, refusal)


@studio_page("content.admin", methods=READ_AND_WRITE)
def switch_form(request: StudioRequest, domain: Domain, slug: str) -> HttpResponse:
    """Switch a form on or off, or delete it, after a confirmation."""
    definition = find_form(domain, slug)
    if request.method == "POST":
        if request.POST.get("do") == "delete":
            delete_form(domain, slug, by=request.actor)
            messages.success(request, _("The form is deleted. Its submissions stay as items."))
            return redirect("studio_forms", domain)
        is_active = request.POST.get("do") == "on"
        change_form(domain, slug, {"is_active": is_active}, by=request.actor)
        text = _("The form is switched on.") if is_active else _("The form is switched off.")
        messages.success(request, text)
        return redirect("studio_form", domain, slug)
    context = frame(request, domain, tab="forms") | {"definition": definition}
    return render(request, "studio/form_delete.html", context)


@studio_page()
def preview_form(request: StudioRequest, domain: Domain, slug: str) -> HttpResponse:
    """The page of a form as senders see it, switched on or not; it cannot be sent."""
    definition = find_form(domain, slug)
    context = {
        "definition": definition,
        "form": SubmissionForm(definition),
        "stamp": "",
        "trap": "leave_this_empty",
        "is_store": domain.kind == DomainKind.STORE,
        "must_sign_in": False,
        "address": request.path,
        "is_preview": True,
    }
    return render(request, "forms/form.html", context)

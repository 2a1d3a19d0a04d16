"""Submissions of a form: their list, their export, reading and answering one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clawstore.studio.doors import StudioRequest, studio_page
from clawstore.studio.frame import frame
from clawstore.studio.titles import title_of
from foundation.notices.rules import may_be_emailed
from foundation.paging import numbered_page
from foundation.refusals import Conflict, Invalid
from foundation.web.forms import MultilineField, add_refusal
from wordclaw.forms.definitions.queries import find_form
from wordclaw.forms.models import ANSWER_LENGTH, FormSubmission
from wordclaw.forms.submissions.actions import answer_submission, take_in
from wordclaw.forms.submissions.api import csv_response
from wordclaw.forms.submissions.csv_rows import csv_lines
from wordclaw.forms.submissions.queries import (
    SHOWS,
    answers_of,
    find_submission,
    sent_data,
    sent_fields,
    submissions_of,
)
from wordclaw.policy.models import Domain, DomainKind

ROWS_PER_PAGE = 25
TABS = {
    "open": gettext_lazy("Open"),
    "done": gettext_lazy("Done"),
    "set-apart": gettext_lazy("Set apart"),
    "all": gettext_lazy("All"),
}


class AnswerForm(forms.Form):
    body = MultilineField(
        label=gettext_lazy("Your answer"),
        max_length=ANSWER_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6, "dir": "auto"}),
    )


@studio_page()
def form_submissions(request: StudioRequest, domain: Domain, slug: str) -> HttpResponse:
    """The submissions of a form, newest first."""
    definition = find_form(domain, slug)
    show = request.GET.get("show", "open")
    show = show if show in SHOWS else "open"
    rows = submissions_of(definition, show=show, by=request.actor).order_by("-created_at", "id")
    page = numbered_page(Paginator(rows, ROWS_PER_PAGE), request.GET.get("page"))
    submissions = list(page.object_list)
    data = sent_data(submissions)
    context = frame(request, domain, tab="forms") | {
        "definition": definition,
        "show": show,
        "tabs": TABS,
        "page": page,
        "rows": [(row, _title(row, data.get(row.pk, {}))) for row in submissions],
        "apart_count": submissions_of(definition, show="set-apart", by=request.actor).count(),
        "is_store": domain.kind == DomainKind.STORE,
        "has_lost_review": definition.transition is not None
        and not definition.transition.workflow.is_active,
    }
    return render(request, "studio/form.html", context)


def _title(row: FormSubmission, data: dict[str, object]) -> str:
    return title_of(row.form.content_type, data, row.item_id)


@studio_page()
def export_submissions(request: StudioRequest, domain: Domain, slug: str) -> Any:
    """The submissions as CSV, made while it is sent."""
    definition = find_form(domain, slug)
    show = request.GET.get("show", "all")
    lines = csv_lines(definition, show=show if show in SHOWS else "all", by=request.actor)
    return csv_response(lines, f"{definition.slug}.csv")


@studio_page(methods=("GET", "HEAD", "POST"), keeps_text=True)
def submission(request: StudioRequest, domain: Domain, submission_id: str) -> HttpResponse:
    """One submission with its answers, and a form for another answer."""
    row = find_submission(domain, submission_id)
    is_answer = request.method == "POST" and request.POST.get("do") != "take-in"
    form = AnswerForm(request.POST if is_answer else None)
    if request.method == "POST" and request.is_verified:
        if not is_answer:
            take_in(domain, str(row.pk), by=request.actor)
            messages.success(request, _("It is among the open ones now."))
            return redirect("studio_submission", domain, row.pk)
        if form.is_valid():
            try:
                body = form.cleaned_data["body"]
                answer_submission(domain, str(row.pk), body=body, by=request.actor)
                messages.success(request, _("Your answer is on the receipt."))
                return redirect("studio_submission", domain, row.pk)
            except (Invalid, Conflict) as refusal:
                add_refusal(form, refusal)
    data = sent_data([row]).get(row.pk, {})
    context = frame(request, domain, tab="forms") | {
        "submission": row,
        "definition": row.form,
        "title": _title(row, data),
        "fields": sent_fields(row.form, data),
        "answers": answers_of(row),
        "form": form,
        "reaches": _reach_of(row),
    }
    return render(request, "studio/submission.html", context, status=422 if form.errors else 200)


def _reach_of(row: FormSubmission) -> str:
    """Return where an answer is emailed to, or "" if the receipt is the only place."""
    if row.submitter is not None:
        return f"@{row.submitter.username}" if may_be_emailed(row.submitter) else ""
    return row.email

"""Admin classes of the desk: read-only rows, and measures taken on them."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import display_for_field, display_for_value, label_for_field
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext

from foundation.actor import Actor
from foundation.desk.forms import MeasureForm
from foundation.desk.measures import Measure
from foundation.refusals import Refusal


class ReadOnlyAdmin(admin.ModelAdmin):
    """Shows rows, which cannot be added, changed or deleted by hand."""

    list_per_page = 50
    # Counting all rows of a large table takes longer than showing a page of them.
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class DeskAdmin(ReadOnlyAdmin):
    """A page of one row: evidence on the left, applicable measures on the right.

    A measure takes two steps: it is chosen, with a reason, and then confirmed. A refusal is shown
    on the same page, with everything that was typed.
    """

    measures: Sequence[Measure] = ()
    # Without this permission the page shows no measures. The action checks the actor itself.
    measure_permission = ""
    desk_template = "admin/desk/row.html"
    fact_fields: Sequence[str] = ()

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # The sidebar would take the width that the rows need.
        context = {"is_nav_sidebar_enabled": False, **(extra_context or {})}
        return super().changelist_view(request, context)

    def may_take_measures(self, request: HttpRequest) -> bool:
        return request.user.has_perm(self.measure_permission)

    def extra_fields(self, row: Any) -> dict[str, forms.Field]:
        """Return the form fields that measures ask for, beside the reason."""
        return {}

    def evidence(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Return the template context of the evidence: facts with the admin's labels."""
        return {"facts": [self._fact(row, name) for name in self.fact_fields]}

    def heading(self, row: Any) -> str:
        """Return the title of the row's pages."""
        return str(row)

    def _fact(self, row: Model, name: str) -> tuple[str, Any]:
        label = str(label_for_field(name, self.model, model_admin=self))
        method = getattr(self, name, None)
        if method is not None:
            return label, display_for_value(method(row), "—")
        field = self.model._meta.get_field(name)
        value = getattr(row, name)
        if getattr(field, "remote_field", None):
            return label, display_for_value(value, "—")
        return label, display_for_field(value, field, "—")

    def url_after(self, row: Any) -> str:
        """Return the URL to go to after a measure was taken."""
        opts = self.opts
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[row.pk])

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        if row is None:
            self.message_user(request, gettext("This entry does not exist."), messages.WARNING)
            return HttpResponseRedirect(reverse("admin:index"))
        if request.method == "POST":
            return self.take_measure(request, row)
        return self.desk(request, row, self.form_for(row, None))

    def form_for(self, row: Any, data: Any) -> MeasureForm:
        measures = [measure for measure in self.measures if measure.applies(row)]
        return MeasureForm(data, measures, self.extra_fields(row))

    def take_measure(self, request: HttpRequest, row: Any) -> HttpResponse:
        """Ask for confirmation, or run the measure."""
        # The page hides the form, but a request can be written by hand.
        if not self.may_take_measures(request):
            raise PermissionDenied
        form = self.form_for(row, request.POST)
        if not form.is_valid():
            return self.desk(request, row, form, status=422)
        # Back from the confirmation, with everything that was typed.
        if "back" in request.POST:
            return self.desk(request, row, form)
        if "confirmed" not in request.POST:
            return self.confirm(request, row, form)
        by = desk_actor(request)
        try:
            changed = form.chosen.run(row, form.cleaned_data, by)
        except Refusal as refusal:
            for message in refusal_messages(refusal):
                form.add_error(None, message)
            return self.desk(request, row, form, status=refusal.status)
        if changed is False:
            nothing = gettext("Nothing changed: it was already in this state.")
            self.message_user(request, nothing, messages.WARNING)
        else:
            self.message_user(request, self.outcome(row, form, by), messages.SUCCESS)
        # A redirect, so that a reload does not repeat the measure.
        return HttpResponseRedirect(self.url_after(row))

    def outcome(self, row: Any, form: MeasureForm, by: Actor) -> str:
        """The message after a measure: what was done to which row."""
        measure = form.chosen
        if measure.done is None:
            return f"{measure.label}: {self.heading(row)}"
        return measure.done(row, form.cleaned_data, by)

    def confirm(self, request: HttpRequest, row: Any, form: MeasureForm) -> HttpResponse:
        answers = [
            (
                form.fields[name].label,
                dict(getattr(form.fields[name], "choices", ())).get(value, value),
            )
            for name in form.chosen.asks
            if (value := form.cleaned_data[name])
        ]
        context = {
            "form": form,
            "measure": form.chosen,
            "answers": answers,
            "form_data": [(name, form.data[name]) for name in form.fields if name in form.data],
        }
        return self.page(request, row, "admin/desk/confirm.html", context)

    def desk(
        self, request: HttpRequest, row: Any, form: MeasureForm, *, status: int = 200
    ) -> HttpResponse:
        has_measures = self.may_take_measures(request) and bool(form.measures)
        context = {"form": form, "may_take_measures": has_measures, **self.evidence(request, row)}
        return self.page(request, row, self.desk_template, context, status=status)

    def page(
        self,
        request: HttpRequest,
        row: Any,
        template: str,
        context: dict[str, Any],
        *,
        status: int = 200,
    ) -> HttpResponse:
        full_context = {
            **self.admin_site.each_context(request),
            "is_nav_sidebar_enabled": False,
            "opts": self.opts,
            "row": row,
            "title": self.heading(row),
            "subtitle": None,
            **context,
        }
        return TemplateResponse(request, template, full_context, status=status)


def desk_actor(request: HttpRequest) -> Actor:
    """Return the signed-in maintainer as an actor at the desk."""
    actor: Actor = request.actor.through("admin")  # type: ignore[attr-defined]
    return actor


def refusal_messages(refusal: Refusal) -> list[str]:
    """Return the refusal's message and the messages of its single errors."""
    messages = [error.get("message", "") for error in refusal.details.get("errors", ())]
    return [refusal.message, *filter(None, messages)]

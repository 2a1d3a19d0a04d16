"""Admin classes of the desk: read-only rows, and measures taken on them."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import display_for_field, display_for_value, label_for_field
from django.core.exceptions import PermissionDenied
from django.db.models import BooleanField, JSONField, Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext

from foundation.actor import Actor
from foundation.desk.forms import MeasureForm
from foundation.desk.labels import plain_label
from foundation.desk.measures import Measure
from foundation.desk.states import yes_or_no
from foundation.own_matters import own_matter_of
from foundation.refusals import Refusal

Link = tuple[Any, str]
"""The words and the address of a link."""


def row_url(row: Model, **query: str) -> str:
    """The address of a row's page at the desk."""
    opts = row._meta
    name = f"admin:{opts.app_label}_{opts.model_name}_change"
    return reverse(name, args=[row.pk], query=query or None)


def list_url(model: str, **query: str) -> str:
    """The address of a list at the desk; ``model`` is ``registry_agent``."""
    return reverse(f"admin:{model}_changelist", query=query or None)


class WithAuditLog(admin.ModelAdmin):
    """Leads from a row to its entries in the audit log."""

    def audit_name(self, row: Any) -> str:
        """Return the name that the audit log has for a row; "" if it has none."""
        return str(row.pk)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # Django's history is empty: decisions are recorded in the audit log.
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row):
            raise PermissionDenied
        return HttpResponseRedirect(self.log_url(row))

    def log_url(self, row: Any) -> str:
        name = self.audit_name(row)
        return list_url("audit_auditlog", **({"q": f"object:{name}"} if name else {}))


class ReadOnlyAdmin(WithAuditLog):
    """Shows rows, which cannot be added, changed or deleted by hand."""

    list_per_page = 50
    # Counting all rows of a large table takes longer than showing a page of them.
    show_full_result_count = False
    desk_template = "admin/desk/row.html"
    # All columns of the row, unless a class names some.
    fact_fields: Sequence[str] = ()

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"title": capfirst(self.opts.verbose_name_plural), **(extra_context or {})}
        return super().changelist_view(request, context)

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
        return self.row_view(request, row)

    def row_view(self, request: HttpRequest, row: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return self.page(request, row, self.desk_template, self.evidence(request, row))

    def evidence(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """Return the template context of the evidence: facts with the admin's labels."""
        names = self.fact_fields or [
            field.name for field in self.model._meta.concrete_fields if not field.primary_key
        ]
        return {"facts": [self._fact(row, name) for name in names]}

    def heading(self, row: Any) -> str:
        """Return the title of the row's pages."""
        return str(row)

    def _fact(self, row: Model, name: str) -> tuple[str, Any]:
        label = plain_label(str(label_for_field(name, self.model, model_admin=self)))
        method = getattr(self, name, None)
        if method is not None:
            return label, display_for_value(method(row), "—")
        field = self.model._meta.get_field(name)
        value = getattr(row, name)
        if getattr(field, "remote_field", None):
            return label, display_for_value(value, "—")
        if isinstance(field, BooleanField):
            return label, yes_or_no(value)
        if isinstance(field, JSONField):
            return label, json.dumps(value, indent=1, ensure_ascii=False)
        return label, display_for_field(value, field, "—")

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
            "opts": self.opts,
            "row": row,
            "title": self.heading(row),
            "subtitle": None,
            "log_url": self.log_url(row) if self.audit_name(row) else "",
            **context,
        }
        return TemplateResponse(request, template, full_context, status=status)


class DeskAdmin(ReadOnlyAdmin):
    """A page of one row: evidence on the left, applicable measures on the right.

    A measure takes two steps: it is chosen, with a reason, and then confirmed. A refusal is shown
    on the same page, with everything that was typed.
    """

    measures: Sequence[Measure] = ()
    # Without this permission the page shows no measures. The action checks the actor itself.
    measure_permission = ""

    def may_take_measures(self, request: HttpRequest) -> bool:
        return request.user.has_perm(self.measure_permission)

    def extra_fields(self, row: Any) -> dict[str, forms.Field]:
        """Return the form fields that measures ask for, beside the reason."""
        return {}

    def matter(self, row: Any) -> object:
        """Return the row that may be the reader's own matter, or None."""
        return None

    def own_matter(self, request: HttpRequest, row: Any) -> str:
        """Return why the reader may not decide about a row, or ""."""
        matter = self.matter(row)
        refusal = None if matter is None else own_matter_of(matter, desk_actor(request))
        return str(refusal.message) if refusal else ""

    def url_after(self, row: Any) -> str:
        """Return the URL to go to after a measure was taken."""
        return row_url(row)

    def ways_on(self, request: HttpRequest, row: Any, form: MeasureForm) -> Iterable[Link]:
        """Return links to follow a measure's message: first the way back."""
        measure = form.chosen
        undo = next(
            (candidate for candidate in self.measures if candidate.name == measure.undo), None
        )
        if undo is not None:
            choices = {name: form.cleaned_data[name] for name in undo.asks if name in form.data}
            address = row_url(row, measure=undo.name, **choices)
            yield gettext("Undo: %s") % undo.label, f"{address}#decision"

    def row_view(self, request: HttpRequest, row: Any) -> HttpResponse:
        if request.method == "POST":
            return self.take_measure(request, row)
        return self.desk(request, row, self.form_for(row, None, initial=request.GET.dict()))

    def form_for(
        self, row: Any, data: Any, *, initial: dict[str, Any] | None = None
    ) -> MeasureForm:
        measures = [measure for measure in self.measures if measure.applies(row)]
        return MeasureForm(data, measures, self.extra_fields(row), initial=initial)

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
            is_changed = form.chosen.run(row, form.cleaned_data, by)
        except Refusal as refusal:
            for message in refusal_messages(refusal):
                form.add_error(None, message)
            return self.desk(request, row, form, status=refusal.status)
        if is_changed is False:
            unchanged_notice = gettext("Nothing changed: it was already in this state.")
            self.message_user(request, unchanged_notice, messages.WARNING)
        else:
            text = form.chosen.message(row, form.cleaned_data, by)
            links = self.ways_on(request, row, form)
            self.message_user(request, message_with_links(text, links), messages.SUCCESS)
        # A redirect, so that a reload does not repeat the measure.
        return HttpResponseRedirect(self.url_after(row))

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
        own_matter = self.own_matter(request, row)
        has_measures = self.may_take_measures(request) and bool(form.measures)
        context = {
            "form": form,
            "own_matter": own_matter,
            # A refused form is shown, with what was typed.
            "may_take_measures": has_measures and (form.is_bound or not own_matter),
            **self.evidence(request, row),
        }
        return self.page(request, row, self.desk_template, context, status=status)


def message_with_links(text: str, links: Iterable[Link]) -> SafeString:
    """A message of the desk, and where to go from it."""
    return format_html(
        "<span>{}</span>{}",
        text,
        format_html_join(
            "", ' <a href="{}">{}</a>', ((address, words) for words, address in links)
        ),
    )


def desk_actor(request: HttpRequest) -> Actor:
    """Return the signed-in maintainer as an actor at the desk."""
    actor: Actor = request.actor.through("admin")  # type: ignore[attr-defined]
    return actor


def refusal_messages(refusal: Refusal) -> list[str]:
    """Return the refusal's message and the messages of its single errors."""
    messages = [error.get("message", "") for error in refusal.details.get("errors", ())]
    return [refusal.message, *filter(None, messages)]

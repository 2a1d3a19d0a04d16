"""Measures on several rows at once, after a page that lists the rows."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.desk.admin import DeskAdmin, desk_actor, message_with_links
from foundation.desk.forms import MAX_REASON_LENGTH
from foundation.desk.measures import Measure
from foundation.refusals import Refusal

# More rows are more than a person looks through before they confirm.
MAX_ROWS = 100


class BulkForm(forms.Form):
    """The reason for a measure on several rows."""

    reason = forms.CharField(
        label=_("Reason or notes"),
        max_length=MAX_REASON_LENGTH,
        error_messages={"required": _("Enter a reason.")},
    )


@dataclass(frozen=True, slots=True)
class BulkRow:
    """A selected row; ``problem`` says why the measure will leave it out."""

    row: Any
    heading: str
    brief: str
    problem: str


class BulkDeskAdmin(DeskAdmin):
    """A desk page whose list offers some of the measures for several rows."""

    bulk_measures: Sequence[Measure] = ()

    def brief(self, row: Any) -> str:
        """Return a line about a row, to recognise it in a list."""
        return ""

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        if not self.may_take_measures(request):
            return {}
        return {
            measure.name: (self._action(measure), measure.name, measure.label)
            for measure in self.bulk_measures
        }

    @staticmethod
    def _action(measure: Measure) -> Callable[..., HttpResponse | None]:
        return partial(BulkDeskAdmin.take_in_bulk, measure=measure)

    def take_in_bulk(
        self, request: HttpRequest, queryset: QuerySet[Any], *, measure: Measure
    ) -> HttpResponse | None:
        """List the selected rows, or take the measure on each after the confirmation."""
        rows = [self._bulk_row(request, row, measure) for row in queryset[: MAX_ROWS + 1]]
        if len(rows) > MAX_ROWS:
            message = gettext("Select at most %d rows. Nothing was changed.") % MAX_ROWS
            self.message_user(request, message, messages.ERROR)
            return None
        is_confirmed = "confirmed" in request.POST
        form = BulkForm(request.POST if is_confirmed else None)
        if not is_confirmed or not form.is_valid():
            return self._confirm_page(request, measure, rows, form)
        self._take_on_each(request, measure, rows, form.cleaned_data)
        return HttpResponseRedirect(request.get_full_path())

    def _bulk_row(self, request: HttpRequest, row: Any, measure: Measure) -> BulkRow:
        problem = self.own_matter(request, row)
        if not measure.applies(row):
            problem = gettext("Already in this state.")
        return BulkRow(row, self.heading(row), self.brief(row), problem)

    def _confirm_page(
        self, request: HttpRequest, measure: Measure, rows: list[BulkRow], form: BulkForm
    ) -> HttpResponse:
        included_rows = [row for row in rows if not row.problem]
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": measure.many % len(included_rows) if included_rows else measure.label,
            "measure": measure,
            "form": form,
            "included": included_rows,
            "left_out": [row for row in rows if row.problem],
            "checkbox_name": ACTION_CHECKBOX_NAME,
            "address": request.get_full_path(),
        }
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/desk/confirm_bulk.html", context, status=status)

    def _take_on_each(
        self, request: HttpRequest, measure: Measure, rows: list[BulkRow], data: dict[str, Any]
    ) -> None:
        """Decide each row separately, so a refused one does not stop the others."""
        changed_rows = []
        for row in rows:
            try:
                measure.run(row.row, data, desk_actor(request))
            except Refusal as refusal:
                self.message_user(request, f"{row.heading}: {refusal.message}", messages.ERROR)
            else:
                changed_rows.append(row)
        if not changed_rows:
            return
        text = measure.message(changed_rows[0].row, data, desk_actor(request))
        if len(changed_rows) > 1:
            text = gettext("%(text)s, and %(n)d more") % {"text": text, "n": len(changed_rows) - 1}
        ids = ",".join(str(row.row.pk) for row in changed_rows)
        link = (gettext("Show them, or undo"), f"{request.path}?status=all&id__in={ids}")
        self.message_user(request, message_with_links(text, [link]), messages.SUCCESS)

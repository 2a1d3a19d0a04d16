"""Reports at the maintainers' desk: read, and decided through the same action as everywhere."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import QuerySet
from django.http import HttpRequest

from foundation.refusals import Refusal
from moderation.actions import resolve_report
from moderation.models import Report
from moderation.rules import NOTES_LENGTH


class DecisionForm(ActionForm):
    """Stands beside the choice of the action."""

    notes = forms.CharField(required=False, max_length=NOTES_LENGTH)


@admin.register(Report)
class ReportAdmin(admin.ModelAdmin):
    list_display = ("agent", "version", "reason", "details", "status", "created_at")
    list_filter = ("status", "reason")
    list_select_related = ("agent", "version")
    search_fields = ("agent__scope", "agent__name", "details")
    ordering = ("created_at", "id")
    fields = [field.name for field in Report._meta.fields if field.name != "id"]
    actions = ("resolve", "dismiss")
    action_form = DecisionForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Report | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Report | None = None) -> bool:
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("moderation.change_report")

    @admin.action(description="Resolve the selected reports", permissions=["decide"])
    def resolve(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        self._decide(request, queryset, Report.Status.RESOLVED)

    @admin.action(description="Dismiss the selected reports", permissions=["decide"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        self._decide(request, queryset, Report.Status.DISMISSED)

    def _decide(self, request: HttpRequest, reports: QuerySet[Report], status: str) -> None:
        """Each report on its own: a refused one is named and does not hold up the others."""
        by: Any = request.actor.through("admin")  # type: ignore[attr-defined]
        notes = request.POST.get("notes")
        for report in reports:
            try:
                resolve_report(report.pk, status=status, notes=notes, by=by)
            except Refusal as refusal:
                self.message_user(request, f"{report.agent}: {refusal.message}", messages.ERROR)
            else:
                self.message_user(request, f"{report.agent}: {status}.", messages.SUCCESS)

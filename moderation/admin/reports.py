"""Reports at the desk, with evidence and measures."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from foundation.desk.admin import DeskAdmin, desk_actor
from foundation.refusals import Refusal
from moderation.actions import resolve_report
from moderation.admin.filters import Age, ChannelOfVersion, OpenFirst
from moderation.evidence import cached_evidence, clock_of
from moderation.measures import REPORT_MEASURES, subject_of
from moderation.models import Report
from moderation.rules import NOTES_LENGTH
from registry.models import Channel, Version, VersionWithholding


class DecisionForm(ActionForm):
    """The notes field of bulk actions."""

    notes = forms.CharField(required=False, max_length=NOTES_LENGTH)


@admin.register(Report)
class ReportAdmin(DeskAdmin):
    list_display = (
        "clock",
        "about",
        "channel",
        "reason",
        "in_brief",
        "reporter",
        "others",
        "status",
    )
    list_display_links = ("about",)
    list_filter = (OpenFirst, "reason", ChannelOfVersion, Age)
    search_fields = ("agent__scope", "agent__name", "details", "reporter_user__username")
    # Only closing: other measures need a look at the single report.
    actions = ("resolve", "dismiss")
    action_form = DecisionForm
    measures = REPORT_MEASURES
    measure_permission = "moderation.change_report"
    desk_template = "admin/moderation/report/desk.html"

    class Media:
        css = {"all": ["css/desk.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        official = Version.objects.filter(agent=OuterRef("agent"), channel=Channel.OFFICIAL)
        people = ("agent__owner_user__profile", "agent__latest_version", "agent__category")
        # The annotation must exist before the ordering that uses it.
        reports: QuerySet[Report] = Report.objects.select_related(*people)
        return (
            reports.select_related(
                "version", "reporter_user", "review__reviewer_user", "resolved_by_user"
            )
            .defer("agent__latest_version__manifest", "version__manifest")
            .annotate(is_official=Exists(official), on_agent=Count("agent__reports"))
            .order_by(*self.get_ordering(request))
        )

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        return ["-is_official", "created_at", "id"]

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return self.may_take_measures(request)

    @admin.display(description=_("open for"), ordering="created_at")
    def clock(self, report: Report) -> str:
        clock = clock_of(report)
        return format_html('<span class="clock clock-{}">{}</span>', clock.state, clock.in_words)

    @admin.display(description=_("subject"), ordering="agent__name")
    def about(self, report: Report) -> str:
        return subject_of(report)

    @admin.display(description=_("channel"), ordering="-is_official")
    def channel(self, report: Report) -> str:
        version = report.version or report.agent.latest_version
        return version.channel if version else "—"

    @admin.display(description=_("details"))
    def in_brief(self, report: Report) -> str:
        return report.details if len(report.details) <= 90 else f"{report.details[:90]}…"

    @admin.display(description=_("reporter"), ordering="reporter_user__username")
    def reporter(self, report: Report) -> str:
        return f"@{report.reporter_user}" if report.reporter_user else str(_("no account"))

    @admin.display(description=_("reports about the agent"), ordering="on_agent")
    def others(self, report: Report) -> int:
        return report.on_agent  # type: ignore[attr-defined]

    # --- One report ---

    def extra_fields(self, row: Report) -> dict[str, forms.Field]:
        versions = [("", "—"), *((v.version, _label(v)) for v in cached_evidence(row).versions)]
        causes = [("", "—"), *VersionWithholding.Reason.choices]
        first = row.version.version if row.version else ""
        return {
            "version": forms.ChoiceField(label=_("Version"), choices=versions, initial=first),
            "cause": forms.ChoiceField(label=_("Cause"), choices=causes),
            "close": forms.BooleanField(label=_("Also resolve this report"), initial=True),
        }

    def evidence(self, request: HttpRequest, row: Report) -> dict[str, Any]:
        queue = Report.objects.still_open().order_by("created_at", "id")
        later = queue.filter(created_at__gt=row.created_at).values_list("pk", flat=True).first()
        return {"evidence": cached_evidence(row), "next_report": later}

    def heading(self, row: Report) -> str:
        return f"{row.get_reason_display()}: {self.about(row)}"

    def url_after(self, row: Report) -> str:
        """The queue for a closed report, otherwise the same page."""
        # The measure has closed another object of the same row.
        row.refresh_from_db(fields=["status"])
        if row.status != Report.Status.OPEN:
            return reverse("admin:moderation_report_changelist")
        return super().url_after(row)

    # --- Several at once ---

    @admin.action(description=_("Resolve the selected reports"), permissions=["decide"])
    def resolve(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        self._decide(request, queryset, Report.Status.RESOLVED)

    @admin.action(description=_("Dismiss the selected reports"), permissions=["decide"])
    def dismiss(self, request: HttpRequest, queryset: QuerySet[Report]) -> None:
        self._decide(request, queryset, Report.Status.DISMISSED)

    def _decide(self, request: HttpRequest, reports: QuerySet[Report], status: str) -> None:
        """Decide each report separately, so a refused one does not stop the others."""
        notes = request.POST.get("notes")
        for report in reports:
            try:
                resolve_report(report.pk, status=status, notes=notes, by=desk_actor(request))
            except Refusal as refusal:
                self.message_user(request, f"{report.agent}: {refusal.message}", messages.ERROR)
            else:
                self.message_user(request, f"{report.agent}: {status}.", messages.SUCCESS)


def _label(version: Version) -> str:
    marks = [version.channel]
    marks += ["yanked"] if version.is_yanked else []
    marks += ["withheld"] if version.is_withheld else []
    return f"{version.version} ({', '.join(marks)})"

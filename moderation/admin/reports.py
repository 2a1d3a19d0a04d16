"""Reports at the desk, with evidence and measures."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, When
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.desk.admin import Link, desk_actor, list_url, row_url
from foundation.desk.bulk import BulkDeskAdmin
from foundation.desk.forms import MeasureForm
from moderation.admin.filters import Age, ChannelOfVersion, OpenFirst
from moderation.evidence import cached_evidence, excerpts_of, waiting_time_of
from moderation.measures import DISMISS, REOPEN, REPORT_MEASURES, RESOLVE, subject_of
from moderation.models import QUEUE_ORDER, Report, ReportQuerySet
from moderation.queries import next_report
from moderation.rules import is_about
from moderation.states import reason_mark, report_state
from registry.inspection.actions import record_inspection
from registry.inspection.queries import get_inspected_diff, get_package
from registry.models import Channel, Version, VersionWithholding

IN_BRIEF = 90
# Sorted by the hidden name, the list would tell the accused between which names it is.
SHOWN_REPORTER = Case(When(is_party=False, then="reporter_user__username"))


@admin.register(Report)
class ReportAdmin(BulkDeskAdmin):
    list_display = (
        *("clock", "about", "cause", "in_brief", "reporter", "others", "channel", "state"),
    )
    list_display_links = ("about",)
    list_filter = (OpenFirst, "reason", ChannelOfVersion, Age)
    search_fields = ("agent__scope", "agent__name", "details", "reporter_user__username")
    search_help_text = _("Words of the report, an agent or a reporter")
    measures = REPORT_MEASURES
    # Only closing and reopening: other measures need a look at the single report.
    bulk_measures = (DISMISS, RESOLVE, REOPEN)
    measure_permission = "moderation.change_report"
    desk_template = "admin/moderation/report/desk.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        official = Version.objects.filter(agent=OuterRef("agent"), channel=Channel.OFFICIAL)
        people = ("agent__owner_user__profile", "agent__latest_version", "agent__category")
        # The order of the queue is an annotation, which must exist before it is used.
        reports: ReportQuerySet = Report.objects.marked_party(desk_actor(request).user_id)
        reports = reports.select_related(*people).in_queue_order()
        return (
            reports.select_related(
                "version", "reporter_user", "review__reviewer_user", "resolved_by_user"
            )
            # A manifest may have hundreds of kilobytes, and no row shows it.
            .defer("agent__latest_version__manifest", "version__manifest")
            .annotate(is_official=Exists(official), on_agent=Count("agent__reports"))
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Report], search_term: str
    ) -> tuple[QuerySet[Report], bool]:
        """Find no report about the reader by the name of its reporter."""
        results, may_repeat = super().get_search_results(request, queryset, search_term)
        if not search_term:
            return results, may_repeat
        # As the search itself, each word may be in another column, but in none with the reporter.
        words = Q()
        for word in search_term.split():
            columns = ("agent__scope", "agent__name", "details")
            words &= Q(*[(f"{column}__icontains", word) for column in columns], _connector=Q.OR)
        return results.filter(Q(is_party=False) | words), may_repeat

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Refuse filters by the reporter, which Django allows in an address."""
        # With the id of a person or the hash of an address, the accused could test a suspicion.
        return not lookup.startswith("reporter_") and super().lookup_allowed(lookup, value, request)

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        return list(QUEUE_ORDER)

    @admin.display(description=_("open for"), ordering="created_at")
    def clock(self, report: Report) -> str:
        clock = waiting_time_of(report)
        return format_html('<span class="clock clock-{}">{}</span>', clock.state, clock.in_words)

    @admin.display(description=_("subject"), ordering="agent__name")
    def about(self, report: Report) -> str:
        return subject_of(report)

    @admin.display(description=_("reason"), ordering="urgency")
    def cause(self, report: Report) -> str:
        return reason_mark(report)

    @admin.display(description=_("channel"), ordering="-is_official")
    def channel(self, report: Report) -> str:
        version = report.version or report.agent.latest_version
        return version.channel if version else "—"

    @admin.display(description=_("details"))
    def in_brief(self, report: Report) -> str:
        return self.brief(report)

    @admin.display(description=_("reporter"), ordering=SHOWN_REPORTER)
    def reporter(self, report: Report) -> str:
        if report.is_party:
            return gettext("hidden from you")
        return f"@{report.reporter_user}" if report.reporter_user else gettext("no account")

    @admin.display(description=_("reports about the agent"), ordering="on_agent")
    def others(self, report: Report) -> int:
        return report.on_agent  # type: ignore[attr-defined]

    @admin.display(description=_("state"), ordering="status")
    def state(self, report: Report) -> str:
        return report_state(report)

    # --- One report ---

    def matter(self, row: Report) -> object:
        return row

    def brief(self, row: Report) -> str:
        return row.details if len(row.details) <= IN_BRIEF else f"{row.details[:IN_BRIEF]}…"

    def extra_fields(self, row: Report) -> dict[str, forms.Field]:
        evidence = cached_evidence(row)
        versions = [("", "—"), *((v.version, _label(v)) for v in evidence.versions)]
        causes = [("", "—"), *VersionWithholding.Reason.choices]
        # The version whose label and files the page shows.
        first = evidence.version.version if evidence.version else ""
        # A form that was opened before the report was closed still has the box, and is refused.
        widget = forms.CheckboxInput if row.status == Report.Status.OPEN else forms.HiddenInput
        return {
            "version": forms.ChoiceField(label=_("Version"), choices=versions, initial=first),
            "cause": forms.ChoiceField(label=_("Cause"), choices=causes),
            "close": forms.BooleanField(
                label=_("Also resolve this report"), initial=True, widget=widget
            ),
        }

    def evidence(self, request: HttpRequest, row: Report) -> dict[str, Any]:
        evidence, by = cached_evidence(row), desk_actor(request)
        context = {
            "evidence": evidence,
            "by_the_reporter": [r for r in evidence.by_the_reporter if not is_about(r, by)],
            "next_report": next_report(row),
        }
        if evidence.version is None:
            return context
        package = get_package(evidence.version, by=by)
        # What is withheld may be malware or a secret, so the audit log tells who has read it.
        if package.is_read_withheld:
            record_inspection(evidence.version, by=by)
        return context | {
            "package": package,
            "excerpts": excerpts_of(row, package),
            "diff": None if package.refusal else get_inspected_diff(evidence.version),
        }

    def heading(self, row: Report) -> str:
        return f"{row.get_reason_display()}: {self.about(row)}"

    def url_after(self, row: Report) -> str:
        """The queue for a closed report, otherwise the same page."""
        # The measure has closed another object of the same row.
        row.refresh_from_db(fields=["status"])
        return row_url(row) if row.status == Report.Status.OPEN else list_url("moderation_report")

    def ways_on(self, request: HttpRequest, row: Report, form: MeasureForm) -> Iterable[Link]:
        yield from super().ways_on(request, row, form)
        yield gettext("This report"), row_url(row)
        later = next_report(row)
        if later:
            address = reverse("admin:moderation_report_change", args=[later])
            yield gettext("Next open report"), address


def _label(version: Version) -> str:
    marks = [version.channel]
    marks += ["yanked"] if version.is_yanked else []
    marks += ["withheld"] if version.is_withheld else []
    return f"{version.version} ({', '.join(marks)})"

"""Reports at the desk, with evidence and measures."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.actor import Actor
from foundation.desk.admin import DeskAdmin, desk_actor
from foundation.desk.measures import Measure
from foundation.refusals import Refusal
from moderation.actions import resolve_report
from moderation.admin.accounts import account_outcome
from moderation.admin.filters import Age, ChannelOfVersion, OpenFirst
from moderation.evidence import clock_of, evidence_of
from moderation.measures import act_on_report
from moderation.models import Report
from moderation.rules import NOTES_LENGTH
from registry.admin import decision_outcome
from registry.models import Channel, Version, VersionWithholding

Done = Callable[[Report, Any, Actor], str]

FOR_THE_DESK = _("The notes are visible to maintainers only.")
FOR_EVERYBODY = _("The reason is shown on the page and emailed to the author.")
FOR_THE_AUTHOR = _("The reason is emailed to the author.")
FOR_THE_LOG = _("The reason is stored in the audit log.")
FOR_THE_PERSON = _("The reason is emailed to the person and shown when they sign in.")


class DecisionForm(ActionForm):
    """The notes field of bulk actions."""

    notes = forms.CharField(required=False, max_length=NOTES_LENGTH)


def is_about(kind: str) -> Any:
    """A predicate: whether a measure fits a report and its current state."""
    fits = {
        "open": lambda r: r.status == Report.Status.OPEN,
        "yank": lambda r: any(not v.is_yanked for v in versions_of(r)),
        "unyank": lambda r: any(v.is_yanked for v in versions_of(r)),
        "withhold": lambda r: any(not v.is_withheld for v in versions_of(r)),
        "lift": lambda r: any(v.is_withheld for v in versions_of(r)),
        "delist": lambda r: not r.agent.is_delisted,
        "relist": lambda r: r.agent.is_delisted,
        "review": lambda r: r.review is not None,
        "suspend": lambda r: r.agent.owner_user.is_active,
        "suspend_reviewer": lambda r: r.review is not None and r.review.reviewer_user.is_active,
    }
    return fits[kind]


def versions_of(report: Report) -> list[Version]:
    """The versions of the reported agent."""
    return evidence_for(report).versions


def evidence_for(report: Report) -> Any:
    if not hasattr(report, "_evidence"):
        report._evidence = evidence_of(report)  # type: ignore[attr-defined]
    return report._evidence  # type: ignore[attr-defined]


def subject_of(report: Report) -> str:
    """The agent, version or review that a report is about."""
    if report.review_snapshot:
        return gettext("a review of %(id)s") % {"id": report.agent}
    return f"{report.agent}@{report.version}" if report.version else str(report.agent)


def close_outcome(done: str) -> Done:
    """The message after closing a report; ``done`` has one ``%s`` for its subject."""
    return lambda report, form, by: gettext(done) % subject_of(report)


def version_outcome(done: str) -> Done:
    """The message after a decision about the chosen version."""
    return lambda report, form, by: decision_outcome(
        gettext(done), report.agent, by, form["version"]
    )


def agent_outcome(done: str) -> Done:
    """The message after a decision about the agent."""
    return lambda report, form, by: decision_outcome(gettext(done), report.agent, by)


def with_report(done: Done) -> Done:
    """Add to a message that the report was resolved, if it was."""

    def message(report: Report, form: Any, by: Actor) -> str:
        text = done(report, form, by)
        return gettext("%s; report resolved") % text if form.get("close") else text

    return message


def measure(
    name: str, label: Any, consequence: Any, readers: Any, fits: str, *, done: Done, **more: Any
) -> Measure:
    """A measure of the report page, which can also close the report."""

    def run(report: Report, form: Any, by: Any) -> object:
        return act_on_report(
            report,
            name,
            words=form["words"],
            version=form.get("version") or "",
            cause=form.get("cause") or "",
            close=bool(form.get("close")) and name not in ("dismiss", "resolve"),
            by=by,
        )

    return Measure(
        name=name,
        label=label,
        consequence=consequence,
        readers=readers,
        run=run,
        applies=is_about(fits),
        done=done if fits == "open" else with_report(done),
        **more,
    )


def review_deleted(report: Any, form: Any, by: Actor) -> str:
    # The review is gone; the report keeps the login of its author.
    return gettext("Deleted the review by @%s") % report.review_snapshot["reviewer"]


def reviewer_suspended(report: Any, form: Any, by: Actor) -> str:
    return account_outcome(gettext("Suspended %s"), report.review.reviewer_user, by)


REPORT_MEASURES = (
    measure(
        "dismiss",
        _("Dismiss the report"),
        _("Nothing changes. Owner and reporter are notified that the report was dismissed."),
        FOR_THE_DESK,
        "open",
        done=close_outcome("Dismissed the report about %s"),
    ),
    measure(
        "resolve",
        _("Resolve the report"),
        _("The report is closed as justified. Owner and reporter are notified."),
        FOR_THE_DESK,
        "open",
        done=close_outcome("Resolved the report about %s"),
    ),
    measure(
        "yank",
        _("Yank a version"),
        _("Removed from search and updates; pinned installs can still download it."),
        FOR_EVERYBODY,
        "yank",
        asks=("version",),
        done=version_outcome("Yanked %s"),
    ),
    measure(
        "withhold",
        _("Withhold a version"),
        _(
            "Nobody can download it any more, by any route. For malware, leaked "
            "secrets or a court order."
        ),
        FOR_EVERYBODY,
        "withhold",
        asks=("version", "cause"),
        done=version_outcome("Withheld %s"),
    ),
    measure(
        "delist",
        _("Delist the agent"),
        _("Removed from lists and search; pinned versions can still be downloaded."),
        FOR_EVERYBODY,
        "delist",
        done=agent_outcome("Delisted %s"),
    ),
    measure(
        "delete_review",
        _("Delete the review"),
        _("The review is deleted permanently and the rating is recalculated."),
        FOR_THE_LOG,
        "review",
        done=review_deleted,
    ),
    measure(
        "suspend",
        _("Suspend the author's account"),
        _("Keys and sessions end, and the person can't sign in. What they published stays online."),
        FOR_THE_PERSON,
        "suspend",
        done=lambda report, form, by: account_outcome(
            gettext("Suspended %s"), report.agent.owner_user, by
        ),
    ),
    measure(
        "suspend_reviewer",
        _("Suspend the reviewer's account"),
        _("Keys and sessions end, and the person can't sign in. Their reviews stay."),
        FOR_THE_PERSON,
        "suspend_reviewer",
        done=reviewer_suspended,
    ),
    measure(
        "unyank",
        _("Unyank a version"),
        _("It appears in search and updates again."),
        FOR_THE_AUTHOR,
        "unyank",
        asks=("version",),
        done=version_outcome("Unyanked %s"),
    ),
    measure(
        "lift",
        _("Make a withheld version available again"),
        _("Its files can be downloaded again."),
        FOR_THE_AUTHOR,
        "lift",
        asks=("version",),
        done=version_outcome("Made %s available again"),
    ),
    measure(
        "relist",
        _("Relist the agent"),
        _("Listed again."),
        FOR_THE_AUTHOR,
        "relist",
        done=agent_outcome("Relisted %s"),
    ),
)


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
        versions = [("", "—"), *((v.version, _label(v)) for v in versions_of(row))]
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
        return {"evidence": evidence_for(row), "next_report": later}

    def heading(self, row: Report) -> str:
        return f"{row.get_reason_display()}: {self.about(row)}"

    def url_after(self, row: Report) -> str:
        """The queue for a closed report, otherwise the same page."""
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

"""Appeals at the desk."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from foundation.actor import Actor
from foundation.clock import now
from foundation.desk.admin import DeskAdmin, desk_actor, list_url
from moderation.admin.filters import Age, OpenFirst
from moderation.evidence import WaitingTime, appealed_version, events_of
from moderation.measures import APPEAL_MEASURES
from moderation.models import Appeal
from moderation.queries import is_in_force, subject_of, title_of
from moderation.rules import has_acted
from moderation.states import appeal_state
from registry.inspection.actions import record_inspection
from registry.inspection.queries import get_inspected_diff, get_package
from registry.models import Version


@admin.register(Appeal)
class AppealAdmin(DeskAdmin):
    list_display = ("clock", "against", "user", "in_brief", "state")
    list_display_links = ("against",)
    list_filter = (OpenFirst, Age)
    search_fields = ("decision__entity_id", "user__username", "text")
    list_select_related = ("decision", "user", "agent")
    ordering = ("created_at", "id")
    measure_permission = "moderation.change_appeal"
    desk_template = "admin/moderation/appeal/desk.html"
    measures = APPEAL_MEASURES

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appeal]:
        people = ("decision__user", "user__profile", "agent__owner_user", "decided_by_user")
        appeals: QuerySet[Appeal] = super().get_queryset(request)
        return appeals.select_related(*people)

    @admin.display(description=_("open for"), ordering="created_at")
    def clock(self, appeal: Appeal) -> str:
        waiting_time = waiting_time_of_appeal(appeal)
        return format_html(
            '<span class="clock clock-{}">{}</span>', waiting_time.state, waiting_time.in_words
        )

    @admin.display(description=_("against"))
    def against(self, appeal: Appeal) -> str:
        return title_of(appeal.decision)

    @admin.display(description=_("text of the appeal"))
    def in_brief(self, appeal: Appeal) -> str:
        return appeal.text if len(appeal.text) <= 90 else f"{appeal.text[:90]}…"

    @admin.display(description=_("state"), ordering="status")
    def state(self, appeal: Appeal) -> str:
        return appeal_state(appeal)

    def matter(self, row: Appeal) -> object:
        return row

    def evidence(self, request: HttpRequest, row: Appeal) -> dict[str, Any]:
        by = desk_actor(request)
        version = appealed_version(row)
        return {
            "in_force": is_in_force(row.decision),
            "clock": waiting_time_of_appeal(row),
            "was_mine": has_acted(row.decision, by),
            "events": events_of(row.agent) if row.agent else [],
            "text": subject_of(row.decision).text,
            **(_package_evidence(version, by) if version else {}),
        }

    def heading(self, row: Appeal) -> str:
        return title_of(row.decision)

    def url_after(self, row: Appeal) -> str:
        return list_url("moderation_appeal")


def _package_evidence(version: Version, by: Actor) -> dict[str, Any]:
    """The label, the files and the diff of the version that the decision was about."""
    package = get_package(version, by=by)
    # What is withheld may be malware or a secret, so the audit log tells who has read it.
    if package.is_read_withheld:
        record_inspection(version, by=by)
    diff = None if package.refusal else get_inspected_diff(version)
    return {"package": package, "diff": diff}


def waiting_time_of_appeal(appeal: Appeal) -> WaitingTime:
    """How long an appeal has waited, or waited until its decision."""
    end = appeal.decided_at or now()
    return WaitingTime(end - appeal.created_at, is_running=appeal.decided_at is None)

"""Appeals at the desk."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.actor import Actor
from foundation.desk.admin import DeskAdmin, desk_actor
from foundation.desk.measures import Measure
from foundation.notices.outcomes import outcome
from moderation.actions import decide_appeal
from moderation.admin.filters import Age, OpenFirst
from moderation.evidence import clock_of, events_of
from moderation.models import Appeal, Report
from moderation.queries import is_in_force, title_of
from moderation.rules import has_acted


def appeal_outcome(done: str, appeal: Appeal, by: Actor) -> str:
    """The message after a decision; ``done`` has a ``%s`` for the author."""
    author = appeal.user
    return outcome(
        done % f"@{author.username}", author, role=gettext("author"), kind="appeal", by=by
    )


def _uphold(appeal: Appeal, form: Any, by: Any) -> object:
    return decide_appeal(appeal.pk, uphold=True, notes=form["words"], by=by)


def _reject(appeal: Appeal, form: Any, by: Any) -> object:
    return decide_appeal(appeal.pk, uphold=False, notes=form["words"], by=by)


@admin.register(Appeal)
class AppealAdmin(DeskAdmin):
    list_display = ("clock", "against", "user", "in_brief", "status")
    list_display_links = ("against",)
    list_filter = (OpenFirst, Age)
    search_fields = ("decision__entity_id", "user__username", "text")
    list_select_related = ("decision", "user", "agent")
    ordering = ("created_at", "id")
    measure_permission = "moderation.change_appeal"
    desk_template = "admin/moderation/appeal/desk.html"
    measures = (
        Measure(
            name="uphold",
            label=_("Uphold the appeal"),
            consequence=_("The author is right. The decision is reversed immediately."),
            readers=_("Your text is emailed to the author."),
            run=_uphold,
            done=lambda appeal, data, by: appeal_outcome(
                gettext("Upheld the appeal of %s"), appeal, by
            ),
            applies=lambda appeal: appeal.status == Appeal.Status.OPEN,
        ),
        Measure(
            name="reject",
            label=_("Reject the appeal"),
            consequence=_("The decision stands. The author can't appeal again."),
            readers=_("Your text is emailed to the author."),
            run=_reject,
            done=lambda appeal, data, by: appeal_outcome(
                gettext("Rejected the appeal of %s"), appeal, by
            ),
            applies=lambda appeal: appeal.status == Appeal.Status.OPEN,
        ),
    )

    class Media:
        css = {"all": ["css/desk.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appeal]:
        people = ("decision__user", "user__profile", "agent__owner_user", "decided_by_user")
        appeals: QuerySet[Appeal] = super().get_queryset(request)
        return appeals.select_related(*people)

    @admin.display(description=_("open for"), ordering="created_at")
    def clock(self, appeal: Appeal) -> str:
        waited = clock_of_appeal(appeal)
        return format_html('<span class="clock clock-{}">{}</span>', waited.state, waited.in_words)

    @admin.display(description=_("against"))
    def against(self, appeal: Appeal) -> str:
        return title_of(appeal.decision)

    @admin.display(description=_("text of the appeal"))
    def in_brief(self, appeal: Appeal) -> str:
        return appeal.text if len(appeal.text) <= 90 else f"{appeal.text[:90]}…"

    def evidence(self, request: HttpRequest, row: Appeal) -> dict[str, Any]:
        return {
            "in_force": is_in_force(row.decision),
            "clock": clock_of_appeal(row),
            "was_mine": has_acted(row.decision, desk_actor(request)),
            "events": events_of(row.agent) if row.agent else [],
        }

    def heading(self, row: Appeal) -> str:
        return title_of(row.decision)

    def url_after(self, row: Appeal) -> str:
        return reverse("admin:moderation_appeal_changelist")


def clock_of_appeal(appeal: Appeal) -> Any:
    """The waiting time of an appeal."""
    return clock_of(Report(created_at=appeal.created_at, resolved_at=appeal.decided_at))

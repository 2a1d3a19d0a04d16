"""Mirrors of other shops at the desk, and what they could not take over."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.text import Truncator
from django.utils.timesince import timesince
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.clock import now
from foundation.desk.admin import ReadOnlyAdmin, list_url
from foundation.desk.states import Tone, state_mark
from profiles.mirrored import mirrored_scopes
from registry.mirroring.queries import with_numbers
from registry.models import Mirror, MirrorProblem

SHORT_LENGTH = 80
"""Characters of a message in the list; the page of a problem has all."""


@admin.register(Mirror)
class MirrorAdmin(ReadOnlyAdmin):
    list_display = ("source", "state", "scopes", "lag", "waiting", "problems")
    ordering = ("source",)
    fact_fields = (
        *("source", "state", "scopes", "follows_all", "lag", "waiting", "problems"),
        *("started_at", "succeeded_at", "failed_at", "last_error", "cursor", "created_at"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mirror]:
        return with_numbers(super().get_queryset(request))

    @admin.display(description=_("state"))
    def state(self, mirror: Mirror) -> str:
        if mirror.lease_ends_at and mirror.lease_ends_at > now():
            return state_mark(gettext("runs now"), Tone.QUIET)
        if mirror.failed_at and mirror.failed_at > (mirror.succeeded_at or mirror.created_at):
            return state_mark(gettext("failed"), Tone.BAD)
        if mirror.alarm_count:  # type: ignore[attr-defined]
            return state_mark(gettext("alarm"), Tone.BAD)
        # Its first run was killed, so nothing says that all agents are here.
        if mirror.succeeded_at is None:
            return state_mark(gettext("not finished yet"), Tone.WARN)
        return state_mark(gettext("up to date"), Tone.GOOD)

    @admin.display(description=_("scopes"))
    def scopes(self, mirror: Mirror) -> str:
        names = [f"@{scope.name}" for scope in mirrored_scopes(mirror.source)]
        return ", ".join(names) or "—"

    @admin.display(description=_("last success"))
    def lag(self, mirror: Mirror) -> str:
        if mirror.succeeded_at is None:
            return gettext("never")
        return gettext("%s ago") % timesince(mirror.succeeded_at)

    @admin.display(description=_("agents that wait"))
    def waiting(self, mirror: Any) -> str:
        return f"{mirror.waiting_count:,} / {mirror.agent_count:,}"

    @admin.display(description=_("problems, alarms"))
    def problems(self, mirror: Any) -> str:
        return f"{mirror.problem_count:,}, {mirror.alarm_count:,}"

    def audit_name(self, row: Mirror) -> str:
        return row.source

    def evidence(self, request: HttpRequest, row: Mirror) -> dict[str, Any]:
        links = [(_("Problems"), list_url("registry_mirrorproblem", mirror__id__exact=str(row.pk)))]
        return super().evidence(request, row) | {"links": links}


@admin.register(MirrorProblem)
class MirrorProblemAdmin(ReadOnlyAdmin):
    list_display = ("subject", "state", "code", "short_message", "last_seen_at")
    list_filter = ("is_alarm", "code", "mirror")
    list_select_related = ("mirror",)
    search_fields = ("full_id", "version", "code")
    ordering = ("-is_alarm", "-last_seen_at", "id")
    fact_fields = (
        *("mirror", "subject", "state", "code", "message", "sha256"),
        *("first_seen_at", "last_seen_at"),
    )

    @admin.display(description=_("subject"), ordering="full_id")
    def subject(self, problem: MirrorProblem) -> str:
        return f"{problem.full_id}@{problem.version}" if problem.version else problem.full_id

    @admin.display(description=_("state"), ordering="is_alarm")
    def state(self, problem: MirrorProblem) -> str:
        if problem.is_alarm:
            return state_mark(gettext("alarm"), Tone.BAD)
        return state_mark(gettext("skipped"), Tone.WARN)

    @admin.display(description=_("message"))
    def short_message(self, problem: MirrorProblem) -> str:
        return Truncator(problem.message).chars(SHORT_LENGTH)

    def audit_name(self, row: MirrorProblem) -> str:
        return row.mirror.source

"""Requests to the maintainers at the desk: what was sent, and the decision."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.db.models import BooleanField, Case, QuerySet, When
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clawstore.intake.actions import accept_and_grant_role, decide_request, open_report
from clawstore.intake.models import OpenedReport, StoreRequest
from clawstore.intake.queries import (
    agent_of,
    details_of,
    own_requests,
    person_of,
    requests_about,
    store_requests,
)
from clawstore.intake.store_forms import OFFICIAL_ROLE
from clawstore.studio.titles import title_of
from foundation.accounts.roles import get_role
from foundation.actor import Actor
from foundation.clock import now
from foundation.desk.admin import DeskAdmin, Link, desk_actor, list_url, row_url
from foundation.desk.forms import MeasureForm
from foundation.desk.measures import FormData, Measure
from foundation.desk.states import Tone, state_mark
from foundation.own_matters import own_matter_of
from moderation.admin.reports import ReportAdmin
from moderation.models import Report
from registry.rules.permissions import OFFICIAL
from wordclaw.forms.models import FormDefinition
from wordclaw.forms.submissions.actions import answer_submission
from wordclaw.forms.submissions.queries import SHOWS, answers_of, sent_data
from wordclaw.policy.actions import STORE
from wordclaw.workflow.models import TaskStatus

BY_SENDER = _("The sender reads it on the receipt, and by email if an address is known.")


def is_waiting(row: StoreRequest) -> bool:
    return row.task is not None and row.task.status == TaskStatus.PENDING


def may_get_role(row: StoreRequest) -> bool:
    user = row.submitter
    is_asked_for = is_waiting(row) and row.form.slug == OFFICIAL_ROLE
    return (
        is_asked_for
        and user is not None
        and user.is_active
        and get_role(OFFICIAL).group not in user.role_names
    )


def may_become_report(row: StoreRequest) -> bool:
    if OpenedReport.objects.filter(submission=row).exists():
        return False
    return details_of(row).agent is not None


def _decision(*, is_accepted: bool) -> Callable[[StoreRequest, FormData, Actor], object]:
    def run(row: StoreRequest, form: FormData, by: Actor) -> object:
        return decide_request(row, is_accepted=is_accepted, reason=form["reason"], by=by)

    return run


REQUEST_MEASURES = (
    Measure(
        name="accept_and_grant",
        label=_("Accept and grant the role of official publisher"),
        consequence=_("The sender can publish on the official channel from now on."),
        readers=BY_SENDER,
        applies=may_get_role,
        run=lambda row, form, by: accept_and_grant_role(row, reason=form["reason"], by=by),
        message=lambda row, form, by: (
            gettext("Granted the role official: @%s") % row.submitter.username
        ),
    ),
    Measure(
        name="open_report",
        label=_("Open a report about the agent"),
        consequence=_(
            "The request is accepted, and its text becomes a report of its sender. You or another"
            " maintainer decide about the agent on the page of the report."
        ),
        readers=BY_SENDER,
        applies=may_become_report,
        run=lambda row, form, by: open_report(row.pk, reason=form["reason"], by=by),
        message=lambda row, form, by: gettext("Opened a report"),
    ),
    Measure(
        name="accept",
        label=_("Accept the request"),
        consequence=_("The request is closed as accepted. What you promise is yours to do."),
        readers=BY_SENDER,
        applies=is_waiting,
        run=_decision(is_accepted=True),
        message=lambda row, form, by: gettext("Accepted a request: %s") % row.form.name,
    ),
    Measure(
        name="decline",
        label=_("Decline the request"),
        consequence=_("The request is closed. Nothing else changes."),
        readers=BY_SENDER,
        applies=is_waiting,
        run=_decision(is_accepted=False),
        message=lambda row, form, by: gettext("Declined a request: %s") % row.form.name,
    ),
    Measure(
        name="answer",
        label=_("Answer without a decision"),
        consequence=_("The sender gets your text. The request stays open until it is decided."),
        readers=BY_SENDER,
        run=lambda row, form, by: answer_submission(
            row.domain, str(row.pk), body=form["reason"], by=by
        ),
        message=lambda row, form, by: gettext("Answered a request: %s") % row.form.name,
    ),
)


class WaitingFirst(admin.SimpleListFilter):
    """Filter by state; open requests by default."""

    title = _("state")
    parameter_name = "show"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("open", _("Open")), ("done", _("Done")), ("all", _("All"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        value = self.value() or "open"
        return queryset.filter(SHOWS[value]) if value in SHOWS else queryset

    def choices(self, changelist: Any) -> Iterator[Any]:
        for value, title in self.lookup_choices:
            yield {
                "selected": value == (self.value() or "open"),
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": title,
            }


class FormFilter(admin.SimpleListFilter):
    """Filter by the form that was sent."""

    title = _("form")
    parameter_name = "form"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        forms = FormDefinition.objects.filter(domain__name=STORE).order_by("name")
        return [(str(pk), name) for pk, name in forms.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known_ids = {value for value, _name in self.lookup_choices}
        return queryset.filter(form=self.value()) if self.value() in known_ids else queryset


class StoreRequestAdmin(DeskAdmin):
    """Submissions of the forms of the store."""

    list_display = ("what", "form_name", "sender", "due", "state", "created_at")
    list_filter = (WaitingFirst, FormFilter)
    search_fields = ("item__data", "email", "submitter__username")
    search_help_text = _("Words of the request, an email address or a login")
    ordering = ("task__due_at", "created_at", "id")
    measures = REQUEST_MEASURES
    measure_permission = "intake.change_storerequest"
    desk_template = "admin/desk/request.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[StoreRequest]:
        is_own = When(own_requests(desk_actor(request).user_id), then=True)
        is_party = Case(is_own, default=False, output_field=BooleanField())
        return store_requests().annotate(is_party=is_party)  # type: ignore[no-redef]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        results, may_repeat = super().get_search_results(request, queryset, search_term)
        # A search for words or an address would tell the party accused who sent a request.
        return (results.filter(is_party=False) if search_term else results), may_repeat

    @admin.display(description=_("request"))
    def what(self, row: StoreRequest) -> str:
        if row.is_party:
            return gettext("about a name or an agent of yours")
        return title_of(row.form.content_type, row.sent, row.item_id)  # type: ignore[attr-defined]

    @admin.display(description=_("form"), ordering="form__name")
    def form_name(self, row: StoreRequest) -> str:
        return row.form.name

    @admin.display(description=_("sender"))
    def sender(self, row: StoreRequest) -> str:
        if row.is_party:
            return gettext("hidden")
        return f"@{row.submitter.username}" if row.submitter else row.email or gettext("unknown")

    @admin.display(description=_("decide by"), ordering="task__due_at")
    def due(self, row: StoreRequest) -> str:
        if row.task is None or row.task.due_at is None or not is_waiting(row):
            return "—"
        state = "late" if row.task.is_overdue(now()) else "waiting"
        return format_html(
            '<span class="clock clock-{}">{}</span>', state, f"{row.task.due_at:%-d %b, %H:%M}"
        )

    @admin.display(description=_("state"))
    def state(self, row: StoreRequest) -> str:
        if is_waiting(row):
            return state_mark(gettext("open"), Tone.BAD)
        # A form without a workflow has no task, and an answer is all that it can get.
        if row.task is None:
            word = gettext("answered") if row.answered_at else gettext("open")
            return state_mark(word, Tone.QUIET)
        is_accepted = row.task.status == TaskStatus.APPROVED
        word = gettext("accepted") if is_accepted else gettext("declined")
        return state_mark(word, Tone.GOOD if is_accepted else Tone.QUIET)

    def heading(self, row: StoreRequest) -> str:
        return f"{row.form.name}: {self.what(row)}"

    def own_matter(self, request: HttpRequest, row: StoreRequest) -> str:
        # A maintainer decides neither a request about their agent or name nor their own.
        data = sent_data([row]).get(row.pk, {})
        for matter in (agent_of(data), person_of(data), row.submitter):
            refusal = own_matter_of(matter, desk_actor(request)) if matter else None
            if refusal is not None:
                return str(refusal.message)
        return ""

    def evidence(self, request: HttpRequest, row: StoreRequest) -> dict[str, Any]:
        if row.is_party:
            # What was sent may name the sender in any field.
            return {"is_party": True, "task": row.task}
        details = details_of(row)
        link = OpenedReport.objects.filter(submission=row).select_related("report").first()
        reports = Report.objects.none()
        other_requests: list[StoreRequest] = []
        if details.agent is not None:
            reports = Report.objects.filter(agent=details.agent).order_by("-created_at", "id")[:20]
            other_requests = [
                other for other in requests_about(details.agent) if other.pk != row.pk
            ]
        return {
            "fields": details.fields,
            "agent": details.agent,
            "agent_url": row_url(details.agent) if details.agent else "",
            "sender_url": row_url(row.submitter) if row.submitter else "",
            "opened": link,
            "reports": reports,
            "others": other_requests,
            "answers": answers_of(row),
            "task": row.task,
        }

    def url_after(self, row: StoreRequest) -> str:
        link = OpenedReport.objects.filter(submission=row).select_related("report").first()
        return row_url(link.report) if link else list_url("intake_storerequest")

    def ways_on(self, request: HttpRequest, row: StoreRequest, form: MeasureForm) -> Iterable[Link]:
        yield gettext("This request"), row_url(row)


class LinkedReportAdmin(ReportAdmin):
    """Reports, with the requests about the same agent."""

    desk_template = "admin/desk/report_with_requests.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        return super().get_queryset(request).select_related("opened_from")

    def evidence(self, request: HttpRequest, row: Report) -> dict[str, Any]:
        link = getattr(row, "opened_from", None)
        return super().evidence(request, row) | {
            # A maintainer who is a party must not learn who sent a request about the agent.
            "requests": [] if row.is_party else requests_about(row.agent),
            "request_behind": link.submission_id if link else None,
        }

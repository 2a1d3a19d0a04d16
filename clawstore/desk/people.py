"""The page of a person at the desk."""

from typing import Any

from django.http import HttpRequest

from clawstore.desk.measures import ROLE_MEASURES
from foundation.access.queries import active_keys, ended_keys, open_sessions
from foundation.accounts.admin import UserAdmin
from foundation.accounts.models import User
from foundation.desk.admin import desk_actor, list_url
from moderation.measures import ACCOUNT_MEASURES
from moderation.models import Report, ReportQuerySet
from registry.models import Agent

# Limits, because a hostile person decides how many rows there are.
AGENTS_SHOWN = 50
REPORTS_SHOWN = 20
SUSPENSIONS_SHOWN = 20


class PersonAdmin(UserAdmin):
    measures = (*ACCOUNT_MEASURES, *ROLE_MEASURES)
    desk_template = "admin/desk/person.html"

    def matter(self, row: User) -> object:
        return row

    def evidence(self, request: HttpRequest, row: User) -> dict[str, Any]:
        agents = Agent.objects.filter(owner_user=row).select_related("latest_version")
        reports: ReportQuerySet = Report.objects.marked_party(desk_actor(request).user_id)
        reports = reports.select_related("agent", "version").order_by("-created_at", "id")
        suspensions = row.suspensions.select_related("suspended_by_user", "lifted_by_user")
        agents = agents.defer("latest_version__manifest").order_by("-updated_at", "id")
        # The reader does not learn who reported the reader.
        reports_by = reports.filter(reporter_user=row, is_party=False)  # type: ignore[misc]
        return super().evidence(request, row) | {
            "roles": sorted(row.role_names),
            "keys": active_keys(row.pk),
            "ended_keys": ended_keys(row.pk),
            "sessions": open_sessions(row.pk),
            "agents": agents[:AGENTS_SHOWN],
            "reports_about": reports.filter(agent__owner_user=row)[:REPORTS_SHOWN],
            "reports_by": reports_by[:REPORTS_SHOWN],
            "suspensions": suspensions.order_by("-suspended_at")[:SUSPENSIONS_SHOWN],
            "lists": {
                "agents": list_url("registry_agent", q=row.username),
                "reviews": list_url("reviews_review", q=row.username),
                "reports": list_url("moderation_report", q=row.username, status="all"),
                "appeals": list_url("moderation_appeal", q=row.username, status="all"),
                "done": list_url("audit_auditlog", q=f"actor:{row.username}"),
            },
        }

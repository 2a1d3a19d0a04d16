"""Agents, versions and categories at the desk."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.desk.admin import (
    DeskAdmin,
    ReadOnlyAdmin,
    WithAuditLog,
    desk_actor,
    list_url,
    row_url,
)
from foundation.desk.states import Tone, state_mark
from registry.agents.actions import record_curation
from registry.agents.measures import AGENT_MEASURES, VERSION_MEASURES
from registry.agents.states import agent_state, version_state
from registry.inspection import views as inspection
from registry.inspection.actions import record_inspection
from registry.inspection.queries import get_package
from registry.mirroring.admin import MirrorAdmin, MirrorProblemAdmin
from registry.models import Agent, AgentPick, Category, Version, VersionWithholding

__all__ = [
    "AgentAdmin",
    "CategoryAdmin",
    "MirrorAdmin",
    "MirrorProblemAdmin",
    "PickAdmin",
    "VersionAdmin",
]
CATEGORY_HELP = {
    "id": _("What agent.json says. It cannot be changed later."),
    "icon": _("The name of an icon of the set Lucide, for clients of the API."),
    "sort_order": _("Lower numbers come first."),
}


@admin.register(Category)
class CategoryAdmin(WithAuditLog):
    list_display = ("sort_order", "id", "name", "icon")
    list_display_links = ("id",)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        # Django's title asks to select one to change.
        context = {"title": capfirst(self.opts.verbose_name_plural), **(extra_context or {})}
        return super().changelist_view(request, context)

    def formfield_for_dbfield(self, db_field: Any, request: Any, **options: Any) -> Any:
        if db_field.name in CATEGORY_HELP:
            options["help_text"] = CATEGORY_HELP[db_field.name]
        return super().formfield_for_dbfield(db_field, request, **options)

    def get_readonly_fields(self, request: HttpRequest, obj: Category | None = None) -> list[str]:
        # The slug is the key that agents point to.
        return ["id"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Category | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Category, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        record_curation(obj, fields=form.changed_data, by=desk_actor(request))


@admin.register(Agent)
class AgentAdmin(DeskAdmin):
    list_display = ("full_id", "state", "category", "latest_version", "downloads", "updated_at")
    list_filter = ("is_listed", ("delisted_at", admin.EmptyFieldListFilter), "category")
    search_fields = ("scope", "name", "display_name", "owner_user__username")
    list_select_related = ("category", "latest_version")
    ordering = ("-updated_at", "id")
    measure_permission = "registry.change_agent"
    measures = AGENT_MEASURES
    fact_fields = (
        *("display_name", "tagline", "owner_user", "state", "category", "latest_version"),
        *("license", "offers_beta", "download_count", "downloads", "rating"),
        *("created_at", "updated_at", "delisted_at", "delisted_by_user", "delisted_reason"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Agent]:
        agents: QuerySet[Agent] = super().get_queryset(request)
        people = ("owner_user", "delisted_by_user", "category", "latest_version", "pick")
        return agents.select_related(*people).defer("latest_version__manifest")

    @admin.display(description=_("state"), ordering="is_listed")
    def state(self, agent: Agent) -> str:
        return agent_state(agent)

    @admin.display(description=_("downloads in 30 days"), ordering="downloads_30d")
    def downloads(self, agent: Agent) -> int:
        return agent.downloads_30d

    @admin.display(description=_("rating"))
    def rating(self, agent: Agent) -> str:
        if agent.avg_rating is None:
            return "—"
        return f"{agent.avg_rating:.1f} ★ ({agent.review_count})"

    def matter(self, row: Agent) -> object:
        return row

    def audit_name(self, row: Agent) -> str:
        return row.full_id

    def evidence(self, request: HttpRequest, row: Agent) -> dict[str, Any]:
        name = f"{row.scope}/{row.name}"
        return super().evidence(request, row) | {
            "links": [
                (_("Public page"), reverse("agent", args=[row.scope, row.name])),
                (_("Author"), row_url(row.owner_user)),
                (_("Versions"), list_url("registry_version", q=name)),
                (_("Reviews"), list_url("reviews_review", q=name)),
                (_("Reports"), list_url("moderation_report", q=row.name, status="all")),
            ]
        }


@admin.register(AgentPick)
class PickAdmin(ReadOnlyAdmin):
    """Current picks; the page of an agent adds and removes them."""

    list_display = ("agent", "reason", "picked_at", "picked_by_user")
    search_fields = ("agent__scope", "agent__name", "reason")
    list_select_related = ("agent", "picked_by_user")
    ordering = ("-picked_at", "pk")

    def audit_name(self, row: AgentPick) -> str:
        return row.agent.full_id

    def evidence(self, request: HttpRequest, row: AgentPick) -> dict[str, Any]:
        links = [(_("Agent"), row_url(row.agent))]
        return super().evidence(request, row) | {"links": links}


@admin.register(Version)
class VersionAdmin(DeskAdmin):
    list_display = ("agent", "version", "state", "channel", "uploaded_at", "yanked_at")
    list_display_links = ("agent", "version")
    list_filter = ("channel", ("yanked_at", admin.EmptyFieldListFilter))
    search_fields = ("agent__scope", "agent__name", "version")
    list_select_related = ("agent",)
    ordering = ("-uploaded_at", "id")
    measure_permission = "registry.change_version"
    desk_template = "admin/registry/version/desk.html"
    measures = VERSION_MEASURES
    fact_fields = (
        *("agent", "version", "state", "channel", "uploaded_by_user", "uploaded_at"),
        *("tarball_sha256", "tarball_size_bytes", "download_count"),
        *("yanked_at", "yanked_by_user", "yanked_reason"),
    )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        pages = [
            path("<uuid:version_id>/files", view(inspection.files), name="registry_version_files"),
            path(
                "<uuid:version_id>/files/<path:path>",
                view(inspection.file),
                name="registry_version_file",
            ),
            path(
                "<uuid:version_id>/raw/<path:path>",
                view(inspection.raw_file),
                name="registry_version_raw",
            ),
            path(
                "<uuid:version_id>/changes",
                view(inspection.changes),
                name="registry_version_changes",
            ),
        ]
        return [*pages, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Version]:
        versions: Any = super().get_queryset(request)
        people = ("agent", "uploaded_by_user", "yanked_by_user")
        versions_with_marks: QuerySet[Version] = versions.marked_withheld().select_related(*people)
        return versions_with_marks.defer("manifest")

    @admin.display(description=_("state"), ordering="is_withheld")
    def state(self, version: Version) -> str:
        return version_state(version)

    def extra_fields(self, row: Version) -> dict[str, forms.Field]:
        causes = [("", "—"), *VersionWithholding.Reason.choices]
        return {"cause": forms.ChoiceField(label=_("Cause"), choices=causes)}

    def matter(self, row: Version) -> object:
        return row.agent

    def evidence(self, request: HttpRequest, row: Version) -> dict[str, Any]:
        agent, by = row.agent, desk_actor(request)
        package = get_package(row, by=by)
        if package.is_read_withheld:
            record_inspection(row, by=by)
        return super().evidence(request, row) | {
            "package": package,
            "links": [
                (_("Public page"), reverse("version", args=[agent.scope, agent.name, row.version])),
                (_("Agent"), row_url(agent)),
                (_("Changes"), reverse("admin:registry_version_changes", args=[row.pk])),
            ],
        }

    def heading(self, row: Version) -> str:
        return f"{row.agent.full_id}@{row.version}"

    def audit_name(self, row: Version) -> str:
        return self.heading(row)


@admin.register(VersionWithholding)
class WithholdingAdmin(ReadOnlyAdmin):
    list_display = ("version_name", "state", "reason", "text", "withheld_at", "withheld_by_user")
    list_filter = ("reason", ("lifted_at", admin.EmptyFieldListFilter))
    search_fields = ("version__agent__scope", "version__agent__name", "text")
    list_select_related = ("version__agent", "withheld_by_user")
    ordering = ("-withheld_at", "id")
    fact_fields = (
        *("version_name", "state", "reason", "text", "withheld_at", "withheld_by_user"),
        *("lifted_at", "lifted_by_user", "lifted_reason"),
    )

    @admin.display(description=_("version"))
    def version_name(self, withholding: VersionWithholding) -> str:
        return f"{withholding.version.agent.full_id}@{withholding.version.version}"

    @admin.display(description=_("state"), ordering="lifted_at")
    def state(self, withholding: VersionWithholding) -> str:
        if withholding.lifted_at is None:
            return state_mark(gettext("in force"), Tone.BAD)
        return state_mark(gettext("lifted"), Tone.QUIET)

    def heading(self, row: VersionWithholding) -> str:
        return self.version_name(row)

    def audit_name(self, row: VersionWithholding) -> str:
        return self.version_name(row)

    def evidence(self, request: HttpRequest, row: VersionWithholding) -> dict[str, Any]:
        links = [(_("Version"), row_url(row.version))]
        return super().evidence(request, row) | {"links": links}

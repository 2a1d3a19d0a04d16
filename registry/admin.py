"""Agents, versions and categories at the desk."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from foundation.desk.admin import DeskAdmin, ReadOnlyAdmin, desk_actor
from foundation.desk.measures import Measure
from registry.agents.actions import (
    delist_agent,
    lift_withholding,
    pick_agent,
    record_curation,
    relist_agent,
    unpick_agent,
    unyank_version,
    withhold_version,
    yank_version,
)
from registry.agents.outcomes import decision_outcome
from registry.models import Agent, AgentPick, Category, Version, VersionWithholding

FOR_EVERYBODY = _("The reason is shown on the page and emailed to the author.")
FOR_THE_AUTHOR = _("The reason is emailed to the author.")


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ("sort_order", "id", "name", "icon")
    list_display_links = ("id",)

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
    list_display = ("full_id", "category", "latest_version", "is_listed", "delisted_at")
    list_filter = ("is_listed", ("delisted_at", admin.EmptyFieldListFilter), "category")
    search_fields = ("scope", "name", "display_name", "owner_user__username")
    list_select_related = ("category", "latest_version")
    ordering = ("-updated_at", "id")
    measure_permission = "registry.change_agent"
    fact_fields = (
        "display_name",
        "tagline",
        "owner_user",
        "category",
        "latest_version",
        "license",
        "is_listed",
        "offers_beta",
        "download_count",
        "downloads_30d",
        "avg_rating",
        "review_count",
        "created_at",
        "updated_at",
        "delisted_at",
        "delisted_by_user",
        "delisted_reason",
    )
    measures = (
        Measure(
            name="delist",
            label=_("Delist the agent"),
            consequence=_(
                "Removed from lists and search; pinned versions can still be downloaded."
            ),
            readers=FOR_EVERYBODY,
            run=lambda agent, data, by: delist_agent(agent, reason=data["words"], by=by),
            done=lambda agent, data, by: decision_outcome(gettext("Delisted %s"), agent, by),
            applies=lambda agent: not agent.is_delisted,
        ),
        Measure(
            name="relist",
            label=_("Relist the agent"),
            consequence=_("Listed again."),
            readers=FOR_THE_AUTHOR,
            run=lambda agent, data, by: relist_agent(agent, reason=data["words"], by=by),
            done=lambda agent, data, by: decision_outcome(gettext("Relisted %s"), agent, by),
            applies=lambda agent: agent.is_delisted,
        ),
        Measure(
            name="pick",
            label=_("Pick the agent"),
            consequence=_("The home page shows the agent with your name and your reason."),
            readers=_("The reason is shown on the home page. Up to 200 characters."),
            run=lambda agent, data, by: pick_agent(agent, reason=data["words"], by=by),
            done=lambda agent, data, by: gettext("Picked %s") % agent.full_id,
            applies=lambda agent: agent.is_listed and not hasattr(agent, "pick"),
        ),
        Measure(
            name="unpick",
            label=_("Remove pick"),
            consequence=_("The home page no longer shows the agent as a pick."),
            readers=_("The reason is stored in the audit log only."),
            needs_words=False,
            run=lambda agent, data, by: unpick_agent(agent, reason=data.get("words"), by=by),
            done=lambda agent, data, by: gettext("Removed the pick of %s") % agent.full_id,
            applies=lambda agent: hasattr(agent, "pick"),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Agent]:
        agents: QuerySet[Agent] = super().get_queryset(request)
        people = ("owner_user", "delisted_by_user", "category", "latest_version", "pick")
        return agents.select_related(*people).defer("latest_version__manifest")

    def evidence(self, request: HttpRequest, row: Agent) -> dict[str, Any]:
        facts = super().evidence(request, row)
        name = f"{row.scope}/{row.name}"
        return facts | {
            "links": [
                (_("Public page"), reverse("agent", args=[row.scope, row.name])),
                (_("Author"), reverse("admin:accounts_user_change", args=[row.owner_user_id])),
                (_("Versions"), _list_of("registry_version", q=name)),
                (_("Reviews"), _list_of("reviews_review", q=name)),
                (_("Reports"), _list_of("moderation_report", q=row.name, status="all")),
                (_("Audit log"), _list_of("audit_auditlog", q=row.full_id)),
            ]
        }


def _list_of(name: str, **query: str) -> str:
    return reverse(f"admin:{name}_changelist", query=query)


@admin.register(AgentPick)
class PickAdmin(ReadOnlyAdmin):
    """Current picks; the page of an agent adds and removes them."""

    list_display = ("agent", "reason", "picked_at", "picked_by_user")
    search_fields = ("agent__scope", "agent__name", "reason")
    list_select_related = ("agent", "picked_by_user")
    ordering = ("-picked_at", "pk")


@admin.register(Version)
class VersionAdmin(DeskAdmin):
    list_display = ("agent", "version", "channel", "uploaded_at", "yanked_at", "state")
    list_filter = ("channel", ("yanked_at", admin.EmptyFieldListFilter))
    search_fields = ("agent__scope", "agent__name", "version")
    list_select_related = ("agent",)
    ordering = ("-uploaded_at", "id")
    measure_permission = "registry.change_version"
    fact_fields = (
        "agent",
        "version",
        "channel",
        "uploaded_by_user",
        "uploaded_at",
        "tarball_sha256",
        "tarball_size_bytes",
        "download_count",
        "yanked_at",
        "yanked_by_user",
        "yanked_reason",
        "state",
    )
    measures = (
        Measure(
            name="yank",
            label=_("Yank the version"),
            consequence=_(
                "Removed from search and updates; pinned installs can still download it."
            ),
            readers=FOR_EVERYBODY,
            run=lambda v, data, by: yank_version(v.agent, v.version, reason=data["words"], by=by),
            applies=lambda version: not version.is_yanked,
            done=lambda v, data, by: decision_outcome(gettext("Yanked %s"), v.agent, by, v.version),
        ),
        Measure(
            name="unyank",
            label=_("Unyank the version"),
            consequence=_("It appears in search and updates again."),
            readers=FOR_THE_AUTHOR,
            run=lambda v, data, by: unyank_version(v.agent, v.version, reason=data["words"], by=by),
            applies=lambda version: version.is_yanked,
            done=lambda v, data, by: decision_outcome(
                gettext("Unyanked %s"), v.agent, by, v.version
            ),
        ),
        Measure(
            name="withhold",
            label=_("Withhold the version"),
            consequence=_("Nobody can download it any more, by any route."),
            readers=FOR_EVERYBODY,
            run=lambda v, data, by: withhold_version(
                v.agent, v.version, reason=data["cause"], text=data["words"], by=by
            ),
            asks=("cause",),
            applies=lambda version: not version.is_withheld,
            done=lambda v, data, by: decision_outcome(
                gettext("Withheld %s"), v.agent, by, v.version
            ),
        ),
        Measure(
            name="lift",
            label=_("Make the version available again"),
            consequence=_("Its files can be downloaded again."),
            readers=FOR_THE_AUTHOR,
            run=lambda v, data, by: lift_withholding(
                v.agent, v.version, reason=data["words"], by=by
            ),
            applies=lambda version: version.is_withheld,
            done=lambda v, data, by: decision_outcome(
                gettext("Made %s available again"), v.agent, by, v.version
            ),
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Version]:
        versions: Any = super().get_queryset(request)
        people = ("agent", "uploaded_by_user", "yanked_by_user")
        marked: QuerySet[Version] = versions.marked_withheld().select_related(*people)
        return marked.defer("manifest")

    # A word: Django draws a true value as a green tick, as if it were good news.
    @admin.display(description=_("state"), ordering="is_withheld")
    def state(self, version: Version) -> str:
        if version.is_withheld:
            return gettext("withheld")
        return gettext("yanked") if version.is_yanked else gettext("offered")

    def extra_fields(self, row: Version) -> dict[str, forms.Field]:
        causes = [("", "—"), *VersionWithholding.Reason.choices]
        return {"cause": forms.ChoiceField(label=_("Cause"), choices=causes)}

    def evidence(self, request: HttpRequest, row: Version) -> dict[str, Any]:
        agent = row.agent
        return super().evidence(request, row) | {
            "links": [
                (_("Public page"), reverse("version", args=[agent.scope, agent.name, row.version])),
                (_("Agent"), reverse("admin:registry_agent_change", args=[agent.pk])),
                (_("Audit log"), _list_of("audit_auditlog", q=f"{agent.full_id}@{row}")),
            ],
        }

    def heading(self, row: Version) -> str:
        return f"{row.agent.full_id}@{row.version}"


@admin.register(VersionWithholding)
class WithholdingAdmin(ReadOnlyAdmin):
    list_display = ("version_name", "reason", "withheld_at", "withheld_by_user", "lifted_at")
    list_filter = ("reason", ("lifted_at", admin.EmptyFieldListFilter))
    search_fields = ("version__agent__scope", "version__agent__name", "text")
    list_select_related = ("version__agent", "withheld_by_user")
    ordering = ("-withheld_at", "id")
    exclude = ("version",)
    readonly_fields = ("version_name",)

    @admin.display(description=_("version"))
    def version_name(self, withholding: VersionWithholding) -> str:
        return f"{withholding.version.agent.full_id}@{withholding.version.version}"

"""Agents and versions in the admin: looked at here, changed only through actions. Categories are
curated here."""

from django.contrib import admin, messages
from django.http import HttpRequest

from foundation.access.middleware import session_actor
from foundation.events.admin import ReadOnlyAdmin
from foundation.refusals import Refusal
from registry.actions import relist_agent, unyank_version
from registry.models import Agent, AgentQuerySet, Category, Version, VersionQuerySet


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    list_display = ("sort_order", "id", "name", "icon")
    list_display_links = ("id",)

    def get_readonly_fields(self, request: HttpRequest, obj: Category | None = None) -> list[str]:
        # The slug is the key that agents point to.
        return ["id"] if obj else []


@admin.register(Agent)
class AgentAdmin(ReadOnlyAdmin):
    list_display = ("full_id", "category", "latest_version", "is_listed", "delisted_at")
    list_filter = ("is_listed", "category")
    search_fields = ("scope", "name", "display_name")
    list_select_related = ("category", "latest_version")
    ordering = ("-updated_at", "id")
    actions = ("relist",)

    @admin.action(description="Relist the chosen agents", permissions=["view"])
    def relist(self, request: HttpRequest, agents: AgentQuerySet) -> None:
        by = session_actor(request, door="admin")
        for agent in agents:
            try:
                changed = relist_agent(agent, by=by)
            except Refusal as refusal:
                self.message_user(request, f"{agent}: {refusal.message}", messages.ERROR)
            else:
                state = "is listed again" if changed else "was not delisted"
                self.message_user(request, f"{agent} {state}.")


@admin.register(Version)
class VersionAdmin(ReadOnlyAdmin):
    list_display = ("agent", "version", "channel", "uploaded_at", "yanked_at")
    list_filter = ("channel",)
    search_fields = ("agent__scope", "agent__name", "version")
    list_select_related = ("agent",)
    ordering = ("-uploaded_at", "id")
    show_full_result_count = False
    actions = ("unyank",)

    @admin.action(description="Unyank the chosen versions", permissions=["view"])
    def unyank(self, request: HttpRequest, versions: VersionQuerySet) -> None:
        by = session_actor(request, door="admin")
        for version in versions.select_related("agent"):
            try:
                changed = unyank_version(version.agent, version.version, by=by)
            except Refusal as refusal:
                self.message_user(request, f"{version.agent}: {refusal.message}", messages.ERROR)
            else:
                state = "is active again" if changed else "was not yanked"
                self.message_user(request, f"{version.agent}@{version} {state}.")

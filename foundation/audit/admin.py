"""The audit log at the desk."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from foundation.audit.models import AuditLog
from foundation.desk.admin import ReadOnlyAdmin


class ViaFilter(admin.AllValuesFieldListFilter):
    """The interface of an action: page, API, command or desk."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.title = str(_("via"))


@admin.register(AuditLog)
class AuditLogAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "action", "entity_type", "entity_id", "user", "via")
    list_filter = ("action", ("door", ViaFilter), "entity_type", "created_at")
    search_fields = ("entity_id", "action", "user__username", "request_id")
    list_select_related = ("user",)
    ordering = ("-created_at", "id")

    @admin.display(description=_("via"), ordering="door")
    def via(self, event: AuditLog) -> str:
        return event.door

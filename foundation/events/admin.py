"""The audit log in the admin: searched, never changed."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from foundation.events.models import AuditLog


class ReadOnlyAdmin(admin.ModelAdmin):
    """Shows rows; adds, changes and deletes none."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AuditLog)
class AuditLogAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "action", "entity_type", "entity_id", "user", "door")
    list_filter = ("action", "door", "entity_type")
    search_fields = ("entity_id", "action", "user__username", "request_id")
    list_select_related = ("user",)
    ordering = ("-created_at", "id")
    show_full_result_count = False

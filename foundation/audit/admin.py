"""The audit log at the desk."""

from django.contrib import admin

from foundation.audit.models import AuditLog
from foundation.desk.admin import ReadOnlyAdmin


@admin.register(AuditLog)
class AuditLogAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "action", "entity_type", "entity_id", "user", "door")
    list_filter = ("action", "door", "entity_type", "created_at")
    search_fields = ("entity_id", "action", "user__username", "request_id")
    list_select_related = ("user",)
    ordering = ("-created_at", "id")

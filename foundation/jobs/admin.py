"""Jobs at the desk."""

from django.contrib import admin

from foundation.desk.admin import ReadOnlyAdmin
from foundation.jobs.models import Job


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("kind", "status", "attempts", "run_at", "completed_at", "last_error")
    list_filter = ("status", "kind")
    search_fields = ("id", "kind", "last_error")
    ordering = ("-created_at", "id")

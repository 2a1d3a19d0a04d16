"""Jobs and schedules at the desk."""

from django.contrib import admin

from foundation.desk.admin import ReadOnlyAdmin
from foundation.jobs.models import Job, JobSchedule


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("kind", "status", "attempts", "run_at", "completed_at", "last_error")
    list_filter = ("status", "queue", "kind")
    search_fields = ("id", "kind", "last_error")
    ordering = ("-created_at", "id")


@admin.register(JobSchedule)
class JobScheduleAdmin(ReadOnlyAdmin):
    list_display = ("kind", "next_run_at", "last_run_at")
    ordering = ("next_run_at", "kind")

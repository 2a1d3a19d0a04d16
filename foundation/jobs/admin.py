"""Jobs and schedules at the desk."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from foundation.desk.admin import ReadOnlyAdmin
from foundation.desk.states import Tone, state_mark
from foundation.jobs.models import Job, JobSchedule

TONES = {Job.Status.FAILED: Tone.BAD, Job.Status.SUCCEEDED: Tone.GOOD}


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("kind", "state", "attempts", "run_at", "completed_at", "last_error")
    list_filter = ("status", "queue", "kind")
    search_fields = ("id", "kind", "last_error")
    ordering = ("-created_at", "id")

    @admin.display(description=_("state"), ordering="status")
    def state(self, job: Job) -> str:
        return state_mark(
            job.get_status_display().lower(), TONES.get(Job.Status(job.status), Tone.QUIET)
        )

    def audit_name(self, row: Job) -> str:
        return ""


@admin.register(JobSchedule)
class JobScheduleAdmin(ReadOnlyAdmin):
    list_display = ("kind", "next_run_at", "last_run_at")
    ordering = ("next_run_at", "kind")

    def audit_name(self, row: JobSchedule) -> str:
        return ""

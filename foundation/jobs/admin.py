"""Jobs and schedules at the desk."""

import json

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from foundation.desk.admin import DeskAdmin, ReadOnlyAdmin
from foundation.desk.states import Tone, state_mark
from foundation.jobs.models import Job, JobSchedule
from foundation.jobs.redaction import without_secrets

TONES = {Job.Status.FAILED: Tone.BAD, Job.Status.SUCCEEDED: Tone.GOOD}


class JobAdmin(DeskAdmin):
    """All jobs. The project registers it with its measures."""

    list_display = ("kind", "state", "attempts", "run_at", "completed_at", "error")
    fact_fields = (
        *("kind", "queue", "tenant", "state", "attempts", "max_attempts", "run_at"),
        *("claimed_at", "started_at", "completed_at", "created_at", "error", "shown_payload"),
        "shown_result",
    )
    list_filter = ("status", "queue", "kind")
    search_fields = ("id", "kind", "last_error")
    ordering = ("-created_at", "id")

    @admin.display(description=_("state"), ordering="status")
    def state(self, job: Job) -> str:
        return state_mark(
            job.get_status_display().lower(), TONES.get(Job.Status(job.status), Tone.QUIET)
        )

    @admin.display(description=_("last error"), ordering="last_error")
    def error(self, job: Job) -> str:
        return str(without_secrets(job.last_error))

    @admin.display(description=_("payload"))
    def shown_payload(self, job: Job) -> str:
        return json.dumps(without_secrets(job.payload), indent=1, ensure_ascii=False)

    @admin.display(description=_("result"))
    def shown_result(self, job: Job) -> str:
        return json.dumps(without_secrets(job.result), indent=1, ensure_ascii=False)

    def audit_name(self, row: Job) -> str:
        return ""


@admin.register(JobSchedule)
class JobScheduleAdmin(ReadOnlyAdmin):
    list_display = ("kind", "next_run_at", "last_run_at")
    ordering = ("next_run_at", "kind")

    def audit_name(self, row: JobSchedule) -> str:
        return ""

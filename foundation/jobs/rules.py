"""Permissions on jobs."""

DESK_PERMISSIONS = ("jobs.view_job", "jobs.change_job", "jobs.view_jobschedule")

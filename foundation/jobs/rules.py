"""Permissions on jobs."""

DESK_PERMISSIONS = ("jobs.view_job",)

"""Permissions on jobs."""

MAINTAINER_PERMISSIONS = ("jobs.view_job",)

"""Permissions on the audit log."""

MAINTAINER_PERMISSIONS = ("audit.view_auditlog",)

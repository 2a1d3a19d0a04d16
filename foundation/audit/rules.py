"""Permissions on the audit log."""

DESK_PERMISSIONS = ("audit.view_auditlog",)

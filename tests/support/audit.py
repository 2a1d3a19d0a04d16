"""Reads the audit log."""

from foundation.audit.models import AuditLog


def last_audit_row(action: str) -> AuditLog:
    """The newest row of an action. Raises IndexError if there is none."""
    return AuditLog.objects.filter(action=action).order_by("-created_at")[0]

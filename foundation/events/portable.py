"""The audit log moves as it is; it may find rows there already, and stands beside them."""

from foundation.events.models import AuditLog
from foundation.portable import Table

AUDIT_LOGS = Table(
    name="audit_logs", model=AuditLog, order=["id"], private=True, may_hold_rows=True
)

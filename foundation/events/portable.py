"""The audit log moves as it is; it may find rows there already, and stands beside them."""

from foundation.events.models import AuditLog
from foundation.portable import OwnPart, Table, rows_without

AUDIT_LOGS = Table(
    name="audit_logs", model=AuditLog, order=["id"], private=True, may_hold_rows=True
)

OWN = (
    OwnPart(
        "audit_log",
        lambda user_id: rows_without(
            AuditLog.objects.filter(user_id=user_id).order_by("created_at", "id")
        ),
    ),
)

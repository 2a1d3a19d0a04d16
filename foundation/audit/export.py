"""Export of the audit log."""

from foundation.audit.models import AuditLog
from foundation.export import PersonalDataPart, Table, rows_without

AUDIT_LOGS = Table(
    name="audit_logs", model=AuditLog, order=["id"], private=True, allows_existing_rows=True
)

PERSONAL_DATA = (
    PersonalDataPart(
        "audit_log",
        lambda user_id: rows_without(
            AuditLog.objects.filter(user_id=user_id).order_by("created_at", "id")
        ),
    ),
)

"""Exported tables of moderation; they are part of backups only."""

from foundation.export import PersonalDataPart, Table, rows_without
from moderation.models import Appeal, Report

REPORTS = Table(name="reports", model=Report, order=["id"], private=True)
APPEALS = Table(name="appeals", model=Appeal, order=["id"], private=True)

# The names and the notes of the maintainers who decided are not data of the reporter.
PERSONAL_DATA = (
    PersonalDataPart(
        "reports_made",
        lambda user_id: rows_without(
            Report.objects.filter(reporter_user_id=user_id).order_by("created_at", "id"),
            "resolved_by_user_id",
            "resolution_notes",
        ),
    ),
    PersonalDataPart(
        "appeals",
        lambda user_id: rows_without(
            Appeal.objects.filter(user_id=user_id).order_by("created_at", "id"),
            "decided_by_user_id",
        ),
    ),
)

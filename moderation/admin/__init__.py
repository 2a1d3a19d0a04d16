"""The desk: reports and appeals."""

from moderation.admin.appeals import AppealAdmin
from moderation.admin.reports import ReportAdmin

__all__ = ["AppealAdmin", "ReportAdmin"]

"""The desk: reports, appeals, and texts taken down."""

from moderation.admin.appeals import AppealAdmin
from moderation.admin.holds import HeldTextAdmin
from moderation.admin.reports import ReportAdmin

__all__ = ["AppealAdmin", "HeldTextAdmin", "ReportAdmin"]

"""What moves of the maintainers' desk: only in a backup."""

from foundation.portable import Table
from moderation.models import Report

REPORTS = Table(name="reports", model=Report, order=["id"], private=True)

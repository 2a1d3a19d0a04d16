"""The exported table of reports that were opened from requests."""

from collections.abc import Collection

from django.apps import apps

from clawstore.intake.models import OpenedReport
from clawstore.intake.store_forms import seed_forms
from foundation.clock import now
from foundation.export import Table

OPENED_REPORTS = Table(name="opened_reports", model=OpenedReport, order=["id"], private=True)


def after_import(_absent: Collection[str]) -> None:
    """Add the forms of the store that an older export lacks."""
    seed_forms(apps, now())

"""Loads the demo catalogue: what is missing, in the order in which it happened."""

from datetime import date

from django.conf import settings

from devtools.demo.calendar import Calendar, written_day
from devtools.demo.catalogue import CHANGELOG, DEMO, read_catalogue
from devtools.demo.content import add_content
from devtools.demo.downloads import add_downloads
from devtools.demo.events import missing_events
from devtools.demo.sales import add_offers
from foundation.bulk import bulk_load
from foundation.clock import fixed_time
from foundation.refusals import NotAllowed
from registry.models import Version


class NotInProduction(NotAllowed):
    code = "not_in_production"
    message = "The demo catalogue is for development only."


def load_demo() -> int:
    """Load the demo catalogue and return the number of new versions.

    Loading again adds what is missing. Raises `NotInProduction`.
    """
    if not settings.IN_DEVELOPMENT:
        raise NotInProduction
    catalogue = read_catalogue()
    calendar = _calendar(catalogue["written_on"])
    events = missing_events(catalogue, calendar)
    with bulk_load():
        for event in events:
            with fixed_time(event.moment):
                event.act()
    add_downloads(catalogue["downloads"])
    add_content(calendar)
    add_offers(catalogue["offers"])
    return sum(event.is_publish for event in events)


def _calendar(written_on: str) -> Calendar:
    """The calendar of the first loading, so that later ones do not move its days."""
    versions = Version.objects.filter(agent__scope__startswith="demo-").select_related("agent")
    for version in versions.order_by("uploaded_at"):
        folder = DEMO / version.agent.scope / version.agent.name / version.version
        if (folder / CHANGELOG).is_file():
            day = written_day((folder / CHANGELOG).read_bytes(), version.version)
            return Calendar(version.uploaded_at.date() - date.fromisoformat(day))
    return Calendar.ending_today(written_on)

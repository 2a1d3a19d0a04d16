"""Questions about reports: all of them are for maintainers alone."""

from foundation.actor import Actor
from foundation.paging import Ordering, Sort
from foundation.refusals import InvalidParameter
from moderation.models import Report, ReportQuerySet
from registry.errors import NotMaintainer

OLDEST_FIRST: Ordering = (Sort("created_at"), Sort("id"))


def refuse_who_may_not_read(by: Actor) -> None:
    """Maintainers with a credential for it. The queue is about all agents, so a key that is bound
    to one does not open it."""
    if not by.require_user().is_maintainer:
        raise NotMaintainer
    by.require("reports:moderate", about="the reports")


def report_queue(status: str | None, *, by: Actor) -> ReportQuerySet:
    """The reports of one status, the open ones by default, oldest first."""
    refuse_who_may_not_read(by)
    wanted = Report.Status.OPEN if status is None else status
    if wanted not in Report.Status.values:
        raise InvalidParameter(
            f"status is one of: {', '.join(Report.Status.values)}.", parameter="status"
        )
    reports: ReportQuerySet = Report.objects.filter(status=wanted)
    return reports.order_by(*[sort.order_by() for sort in OLDEST_FIRST])

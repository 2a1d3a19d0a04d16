"""What happened to agents, in an order that a mirror can follow without missing anything.

Two publishes may commit in another order than they began, so neither their times nor a counter
that they took would do: a mirror that has read up to 7 would never hear of the 6 that came later.
So the audit log is numbered afterwards, one numbering at a time: a place is given to what is
committed, and whoever sees a place sees every place before it.
"""

from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from foundation.events.models import AuditLog, Job
from foundation.paging import Sort, read_cursor, write_cursor
from registry.models import Change
from registry.rules.identifiers import id_and_number

KINDS = (
    "version.published",
    "version.yanked",
    "version.unyanked",
    "version.withheld",
    "version.withholding_lifted",
    "agent.delisted",
    "agent.relisted",
)
# How far behind the newest numbered event the quick look goes; no transaction takes this long.
LOOK_BACK = timedelta(days=1)
MOST_TRIES = 10
BY_POSITION = (Sort("position"),)
LIST = "changes"


def number_changes(job: Job | None = None) -> int:
    """Give a place to every new public event; gives how many there were. A reaction: it runs after
    the commit of the event, and may run twice."""
    newest = Change.objects.order_by("-position").values_list("happened_at", flat=True).first()
    events = _unnumbered()
    return _number(events.filter(created_at__gte=newest - LOOK_BACK) if newest else events)


def number_all_changes() -> int:
    """The same, however old an event is: what a restored log brought, or a crash left."""
    return _number(_unnumbered())


def _unnumbered() -> QuerySet[AuditLog]:
    numbered = Change.objects.filter(event=OuterRef("pk"))
    return AuditLog.objects.filter(~Exists(numbered), action__in=KINDS)


def _number(events: QuerySet[AuditLog]) -> int:
    for _ in range(MOST_TRIES):
        try:
            return _number_once(events)
        except IntegrityError:
            # Somebody else gave away the same place, or numbered the same event: they have
            # committed by now, so the next look begins behind them.
            continue
    raise RuntimeError("Others were numbering all the time.")


@transaction.atomic
def _number_once(events: QuerySet[AuditLog]) -> int:
    found = list(events.order_by("created_at", "id"))
    last = Change.objects.aggregate(last=Max("position"))["last"] or 0
    Change.objects.bulk_create(
        [_change(event, place) for place, event in enumerate(found, start=last + 1)]
    )
    return len(found)


def _change(event: AuditLog, position: int) -> Change:
    full_id, version = id_and_number(event.entity_id)
    return Change(
        position=position,
        event=event,
        kind=event.action,
        full_id=f"@{full_id}",
        version=version,
        happened_at=event.created_at,
    )


@dataclass(frozen=True, slots=True)
class Stretch:
    """Changes in their order, the cursor behind them, and whether more is there already."""

    items: list[Change]
    cursor: str | None
    more: bool


def changes_since(cursor: str | None, *, most: int) -> Stretch:
    """Up to ``most`` changes behind the cursor; where there are none the cursor stays as it is.
    Refuses one that is not ours."""
    rows = Change.objects.order_by("position")
    if cursor:
        (position,) = read_cursor(Change, BY_POSITION, cursor, LIST, parameter="since")
        rows = rows.filter(position__gt=position)
    found = list(rows[: most + 1])
    items = found[:most]
    behind = write_cursor(BY_POSITION, items[-1], LIST) if items else cursor
    return Stretch(items, behind, more=len(found) > most)

"""Read the change feed."""

from dataclasses import dataclass

from foundation.paging import Sort, read_cursor, write_cursor
from registry.models import FeedEntry

BY_POSITION = (Sort("position"),)
# Part of every cursor, so that a cursor of another list is refused.
CURSOR_NAME = "changes"


@dataclass(frozen=True, slots=True)
class FeedPage:
    """Entries, and the cursor behind them; None if the feed is empty."""

    entries: list[FeedEntry]
    cursor: str | None
    has_more: bool


def read_feed(cursor: str | None, *, limit: int) -> FeedPage:
    """The next entries after the cursor; without new ones the same cursor again.

    Raises `InvalidCursor` for a cursor of another list.
    """
    # With the events, whose details say where an agent moved to.
    rows = FeedEntry.objects.select_related("event").order_by("position")
    if cursor:
        (position,) = read_cursor(FeedEntry, BY_POSITION, cursor, CURSOR_NAME, parameter="since")
        rows = rows.filter(position__gt=position)
    # One row more than asked for tells whether there is another page.
    entries = list(rows[: limit + 1])
    has_more = len(entries) > limit
    entries = entries[:limit]
    next_cursor = write_cursor(BY_POSITION, entries[-1], CURSOR_NAME) if entries else cursor
    return FeedPage(entries, next_cursor, has_more)

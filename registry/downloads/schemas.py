"""JSON of download counts."""

from typing import Any

from ninja import Field, Schema

from registry.downloads.chart import DailyCounts, Period


class DownloadEntry(Schema):
    """One version on one day (UTC); the page /about/numbers defines each number."""

    day: str
    version: str
    downloads: int
    fetches: int
    networks: int
    signedIn: int


class DownloadChange(Schema):
    """A change of how downloads are counted, from this day on."""

    day: str
    description: str


class DownloadDays(Schema):
    """``from`` and ``to`` are days, both included.

    ``countedSince`` is the first day with counts on this site.
    """

    from_: str = Field(alias="from")
    to: str
    countedSince: str | None
    downloads: int
    fetches: int
    items: list[DownloadEntry]
    changes: list[DownloadChange]


def download_days_out(period: Period, counts: list[DailyCounts]) -> dict[str, Any]:
    return {
        "from": period.first,
        "to": period.last,
        "countedSince": period.counted_since,
        "downloads": sum(item.downloads for item in counts),
        "fetches": sum(item.fetches for item in counts),
        "items": [_entry_out(item) for item in counts],
        "changes": counting_changes_out(period),
    }


def counting_changes_out(period: Period) -> list[dict[str, Any]]:
    return [
        {"day": change.day, "description": str(change.description)}
        for change in period.counting_changes
    ]


def _entry_out(counts: DailyCounts) -> dict[str, Any]:
    return {
        "day": counts.day,
        "version": counts.version,
        "downloads": counts.downloads,
        "fetches": counts.fetches,
        "networks": counts.networks,
        "signedIn": counts.signed_in,
    }

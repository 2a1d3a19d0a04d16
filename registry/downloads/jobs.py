"""Hourly update of the rolling download sums."""

from foundation.jobs.models import Job
from foundation.jobs.registry import job
from registry.downloads.rolling import forget_seen, forget_sketches, roll_windows
from registry.downloads.trending import refresh_rising


@job("downloads.roll_windows")
def roll_download_windows(_job: Job) -> dict[str, int]:
    # Trending compares the windows, so they are moved first.
    return {
        "agents_moved": roll_windows(),
        "trending": refresh_rising(),
        "visits_deleted": forget_seen(),
        "sketches_deleted": forget_sketches(),
    }

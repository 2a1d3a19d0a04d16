"""Hourly update of the rolling sums and of trending agents."""

from foundation.jobs.models import Job
from foundation.jobs.registry import job
from registry.downloads.rolling import delete_old_seen_keys, delete_old_sketches, roll_sums
from registry.downloads.trending import refresh_trending


@job("downloads.roll_windows")
def roll_download_sums(_job: Job) -> dict[str, int]:
    return {
        "agents_moved": roll_sums(),
        "trending": refresh_trending(),
        "visits_deleted": delete_old_seen_keys(),
        "sketches_deleted": delete_old_sketches(),
    }

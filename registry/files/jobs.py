"""Background work: store parts of pages that are missing."""

from foundation.jobs.models import Job
from foundation.jobs.registry import job
from registry.agents.rendered import store_missing_parts, store_missing_rows
from registry.files.rendered import store_missing_file_lists

ROWS_AT_ONCE = 1_000
# A row takes about two milliseconds, the parts of a page ten times as long.
ROWS_PER_RUN = 50_000


@job("version_pages.store_missing")
def store_missing(_job: Job) -> int:
    """Store parts that no publish has stored: after an import, an upgrade or a yank."""
    total = store_missing_parts() + store_missing_file_lists()
    while total < ROWS_PER_RUN and (count := store_missing_rows(ROWS_AT_ONCE)):
        total += count
    return total

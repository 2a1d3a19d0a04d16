"""Background work: store parts of pages that are missing."""

from foundation.jobs.models import Job
from foundation.jobs.registry import job
from registry.agents.rendered import store_missing_parts
from registry.files.rendered import store_missing_file_lists


@job("version_pages.store_missing")
def store_missing(_job: Job) -> int:
    """Store parts that no publish has stored: after an import, an upgrade or a yank."""
    return store_missing_parts() + store_missing_file_lists()

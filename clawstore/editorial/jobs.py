"""Background work: render texts whose HTML is missing."""

from clawstore.editorial.rendering import store_missing_renderings
from foundation.jobs.models import Job
from foundation.jobs.registry import job


@job("editorial.render_missing")
def render_missing(_job: Job) -> int:
    """Render texts after a migration, an import or an upgrade."""
    return store_missing_renderings()

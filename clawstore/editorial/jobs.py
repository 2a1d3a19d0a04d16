"""Background work: texts whose HTML is missing, and emails about decisions."""

from clawstore.editorial.agent_texts import update_moved_agent
from clawstore.editorial.rendering import store_missing_renderings
from clawstore.editorial.takedowns import mail_publisher_about_takedown
from foundation.audit.queries import event_of_job
from foundation.jobs.models import Job
from foundation.jobs.registry import job


@job("editorial.render_missing")
def render_missing(_job: Job) -> int:
    """Render texts after a migration, an import or an upgrade."""
    return store_missing_renderings()


@job("editorial.agent_moved")
def agent_moved(job: Job) -> bool:
    """Store the texts about a moved agent: their number and those of its new scope."""
    return update_moved_agent(event_of_job(job).details["to"])


@job("mails.content_taken_down")
def content_taken_down(job: Job) -> bool:
    return mail_publisher_about_takedown(event_of_job(job), cause=job.pk)

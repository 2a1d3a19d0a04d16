"""Background work: embed agents after a publish, and those without a vector."""

from foundation.audit.queries import event_of_job
from foundation.jobs.models import Job
from foundation.jobs.registry import job
from registry.agents.queries import get_agent
from registry.rules.identifiers import id_and_number, scope_and_name
from registry.vectors.actions import embed_agents, embed_next

AGENTS_AT_ONCE = 500
AGENTS_PER_RUN = 20_000


@job("vectors.embed")
def embed_agent(job: Job) -> int:
    """Embed the agent of an event, if its texts have changed."""
    full_id, _ = id_and_number(event_of_job(job).entity_id)
    return embed_agents([get_agent(*scope_and_name(full_id)).pk])


@job("vectors.embed_missing")
def embed_missing(_job: Job) -> int:
    """Embed agents without a vector: after an import, or with another model."""
    total = 0
    while total < AGENTS_PER_RUN and (count := embed_next(AGENTS_AT_ONCE)):
        total += count
    return total

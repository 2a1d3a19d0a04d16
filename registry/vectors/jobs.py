"""Background work: embed agents after a publish, and those without a vector."""

from foundation.audit.queries import event_of_job
from foundation.jobs.actions import SCHEDULED, enqueue
from foundation.jobs.models import Job
from foundation.jobs.registry import job
from registry.agents.queries import find_agent_by_any_id
from registry.rules.identifiers import id_and_number
from registry.vectors.actions import embed_agents, embed_next

EMBED_MISSING = "vectors.embed_missing"
# The model takes about a tenth of a second for an agent, so other jobs wait for seconds.
AGENTS_PER_RUN = 50


@job("vectors.embed")
def embed_agent(job: Job) -> int:
    """Embed the agent of an event, if its texts have changed."""
    full_id, _ = id_and_number(event_of_job(job).entity_id)
    return embed_agents([find_agent_by_any_id(full_id).pk])


@job(EMBED_MISSING)
def embed_missing(_job: Job) -> int:
    """Embed agents without a vector: after an import, or with another model.

    A run embeds few, and the next one follows it behind the jobs that are waiting.
    """
    count = embed_next(AGENTS_PER_RUN)
    if count:
        enqueue(EMBED_MISSING, {}, queue=SCHEDULED)
    return count

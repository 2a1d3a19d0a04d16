"""Background work: store parts of pages after an event, and missing ones."""

from foundation.audit.queries import event_of_job
from foundation.jobs.models import Job
from foundation.jobs.registry import job
from registry.agents.queries import find_agent_by_any_id
from registry.agents.rendered import (
    has_parts,
    store_missing_parts,
    store_missing_rows,
    store_parts,
)
from registry.agents.rendered_rows import store_rows
from registry.files.rendered import store_file_list, store_missing_file_lists
from registry.models import Version
from registry.rules.identifiers import id_and_number

ROWS_AT_ONCE = 1_000
# A row takes about two milliseconds, the parts of a page ten times as long.
ROWS_PER_RUN = 50_000


@job("version_pages.store")
def store_pages(job: Job) -> bool:
    """Store the row of an event's agent, and missing parts of its version.

    Not in the request of a publish, because they take a fifth of its time. Returns whether the list
    of files was stored, too.
    """
    full_id, number = id_and_number(event_of_job(job).entity_id)
    agent = find_agent_by_any_id(full_id)
    version = Version.objects.filter(agent=agent, version=number).select_related("agent").first()
    if version is None or has_parts(version) or not store_parts(version):
        store_rows([agent.pk])
        return False
    return store_file_list(version)


@job("version_pages.store_missing")
def store_missing(_job: Job) -> int:
    """Store parts that no event has stored: after an import or an upgrade."""
    total = store_missing_parts() + store_missing_file_lists()
    while total < ROWS_PER_RUN and (count := store_missing_rows(ROWS_AT_ONCE)):
        total += count
    return total

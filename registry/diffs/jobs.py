"""Background work: render upgrades after a publish, delete old diffs."""

from uuid import uuid4

from django.conf import settings

from foundation.audit.queries import event_of_job
from foundation.jobs.models import Job
from foundation.jobs.registry import job
from registry.agents.queries import find_agent_by_any_id
from registry.diffs.actions import delete_old_diffs
from registry.diffs.queries import VersionPair, list_missing_upgrades, upgrade_to
from registry.diffs.rendered import get_diff_html, renderer_version
from registry.errors import DiffTooCostly, NothingToCompare
from registry.rules.identifiers import id_and_number

AGENTS_PER_RUN = 200


@job("version_diffs.prepare")
def render_upgrade(job: Job) -> str:
    """Render the diff of a published version, so that no reader has to wait for it."""
    full_id, number = id_and_number(event_of_job(job).entity_id)
    try:
        pair = upgrade_to(find_agent_by_any_id(full_id), number)
    except NothingToCompare:
        return "first version"
    return _prepare(pair)


def _prepare(pair: VersionPair) -> str:
    try:
        get_diff_html(pair, settings.LANGUAGE_CODE)
    except DiffTooCostly:
        return f"{pair.old} to {pair.new}: too costly"
    return f"{pair.old} to {pair.new}"


@job("version_diffs.prepare_missing")
def prepare_missing_diffs(_job: Job) -> int:
    """Prepare upgrades that no publish prepared: of imports, and of older rules.

    Rows of lists say when an agent last expanded its access. That must not depend on a reader who
    opened a diff. Returns the number of upgrades.
    """
    # A random place to begin, so that diffs that are too costly never keep others waiting.
    middle = uuid4()
    pairs = list_missing_upgrades(AGENTS_PER_RUN, start=middle)
    if len(pairs) < AGENTS_PER_RUN:
        pairs += list_missing_upgrades(AGENTS_PER_RUN, end=middle)
    for pair in pairs:
        _prepare(pair)
    return len(pairs)


@job("version_diffs.delete_unused")
def delete_unused_diffs(_job: Job) -> int:
    return delete_old_diffs(renderer_version())

"""Compute and store diffs, and delete those that are not used any more."""

import zlib
from contextlib import AbstractContextManager, nullcontext, suppress

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.utils import IntegrityError, OperationalError

from foundation.batches import in_batches
from foundation.caching import store
from registry.agents.revisions import bump_agent
from registry.diffs.queries import (
    DIFF_RULE_SET,
    VersionPair,
    compute_diff,
    find_diff,
)
from registry.errors import DiffTooCostly
from registry.models import VersionDiff, VersionDiffPage

# Pairs that are no upgrade grow in number with the square of the versions, so only the last ones
# are stored.
MAX_DISTANT_DIFFS = 2_000
TOO_COSTLY_SECONDS = 3600


def get_or_make_diff(
    pair: VersionPair, *, charge: AbstractContextManager[None] | None = None
) -> VersionDiff:
    """The stored diff of a pair, computed and stored if there is none.

    ``charge`` is entered around the computation and may raise a refusal.
    """
    diff = find_diff(pair)
    if diff:
        return diff
    with charge or nullcontext():
        return make_diff(pair)


def make_diff(pair: VersionPair) -> VersionDiff:
    """Compute a diff and store it, unless the database is too busy to write.

    Raises DiffTooCostly, and then for an hour without another try.
    """
    key = f"diff-too-costly:{DIFF_RULE_SET}:{pair.old.pk}:{pair.new.pk}"
    details = store.read("values", key)
    if details is not None:
        raise DiffTooCostly(**details)
    try:
        version_diff = compute_diff(pair.old, pair.new)
    except DiffTooCostly as refusal:
        store.write("values", key, refusal.details, timeout=TOO_COSTLY_SECONDS)
        raise
    diff = VersionDiff(
        old_version=pair.old,
        new_version=pair.new,
        rule_set=DIFF_RULE_SET,
        is_adjacent=pair.is_adjacent,
        asks_for_more=bool(version_diff.summary.asks_for_more),
        summary=version_diff.summary.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        hunks=version_diff.hunks,
    )
    # A reader who came first gets the page also while nothing can be written.
    with suppress(OperationalError), transaction.atomic(savepoint=False):
        # Another process may have stored the same diff. Updating a column to its own value makes
        # the database return the row's id also in that case.
        VersionDiff.objects.bulk_create(
            [diff],
            update_conflicts=True,
            unique_fields=("old_version", "new_version", "rule_set"),
            update_fields=["rule_set"],
        )
        if diff.is_adjacent and diff.asks_for_more:
            # Rows in lists show when an agent last expanded its access.
            bump_agent(pair.agent.pk)
    return diff


def store_html(diff: VersionDiff, renderer_version: str, language: str, html: str) -> None:
    if diff._state.adding:  # The diff itself could not be stored.
        return
    page = VersionDiffPage(
        diff=diff, renderer=renderer_version, language=language, html=zlib.compress(html.encode())
    )
    # The database may be busy, or the diff may have been deleted since.
    with suppress(OperationalError, IntegrityError):
        VersionDiffPage.objects.bulk_create([page], ignore_conflicts=True)


def delete_old_diffs(renderer_version: str) -> int:
    """Delete diffs and HTML of older rules, and the oldest distant diffs.

    Returns the number of deleted diffs.
    """
    replacements = VersionDiff.objects.filter(
        old_version=OuterRef("old_version"),
        new_version=OuterRef("new_version"),
        rule_set=DIFF_RULE_SET,
    )
    # The diff of an upgrade tells when an agent last expanded its access, so it stays until
    # `prepare_missing_diffs` has replaced it.
    is_unused = Q(is_adjacent=False) | Exists(replacements)
    # No page changes: the rules are part of a release, and a release has no page of an earlier one.
    old_diffs = VersionDiff.objects.exclude(rule_set=DIFF_RULE_SET).filter(is_unused)
    counts = old_diffs.delete()[1]
    # HTML of older templates is never requested again.
    VersionDiffPage.objects.exclude(renderer=renderer_version).delete()
    distant = VersionDiff.objects.filter(is_adjacent=False).order_by("-made_at", "-id")
    ids = list(distant.values_list("pk", flat=True)[MAX_DISTANT_DIFFS:])
    for batch in in_batches(ids):
        VersionDiff.objects.filter(pk__in=batch).delete()
    return counts.get(VersionDiff._meta.label, 0) + len(ids)

"""Compute and store diffs, and delete old ones."""

import pytest
from django.test import Client

from foundation.jobs.actions import run_due_jobs
from foundation.jobs.models import Job
from registry.diffs import actions
from registry.diffs.jobs import delete_unused_diffs
from registry.diffs.queries import DIFF_RULE_SET
from registry.models import Version, VersionDiff, VersionDiffPage
from registry.publishing.reanalyse import reanalyse_version
from tests.registry.diffs.conftest import PAGE


def test_publish_stores_the_diff_of_the_upgrade(
    versions: list[Version], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_due_jobs()

    (diff,) = VersionDiff.objects.all()
    assert (diff.old_version, diff.new_version, diff.is_adjacent) == (*versions, True)
    monkeypatch.setattr(actions, "compute_diff", None)
    assert client.get(f"{PAGE}/1.0.0...1.1.0").status_code == 200


def test_distant_pair_is_computed_once(
    versions: list[Version], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = client.get(f"{PAGE}/1.1.0...1.0.0").content
    monkeypatch.setattr(actions, "compute_diff", None)

    assert client.get(f"{PAGE}/1.1.0...1.0.0").content == first


def test_oldest_distant_diffs_are_deleted(
    versions: list[Version], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for pair in ("1.0.0...1.1.0", "1.1.0...1.0.0"):
        client.get(f"{PAGE}/{pair}")
    monkeypatch.setattr(actions, "MAX_DISTANT_DIFFS", 0)

    assert delete_unused_diffs(Job()) == 1
    assert [diff.is_adjacent for diff in VersionDiff.objects.all()] == [True]


def test_diffs_of_older_rules_are_deleted(versions: list[Version], client: Client) -> None:
    client.get(f"{PAGE}/1.0.0...1.1.0")
    VersionDiff.objects.update(rule_set="former")
    client.get(f"{PAGE}/1.0.0...1.1.0")

    assert delete_unused_diffs(Job()) == 1
    assert VersionDiff.objects.get().rule_set == DIFF_RULE_SET
    assert VersionDiffPage.objects.count() == 1


def test_reanalysis_deletes_the_diffs_of_a_version(versions: list[Version], client: Client) -> None:
    client.get(f"{PAGE}/1.0.0...1.1.0")
    reanalyse_version(versions[0])

    assert VersionDiff.objects.count() == 0

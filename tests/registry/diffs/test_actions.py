"""Compute and store diffs, and delete old ones."""

from uuid import UUID

import pytest
from django.test import Client

from foundation.jobs.actions import run_due_jobs
from foundation.jobs.models import Job
from registry.agents.trust import get_last_growth
from registry.diffs import actions, jobs
from registry.diffs.jobs import delete_unused_diffs, prepare_missing_diffs
from registry.diffs.queries import DIFF_RULE_SET
from registry.models import Version, VersionDiff, VersionDiffPage
from registry.publishing.reanalyse import reanalyse_version
from tests.registry.diffs.conftest import PAGE


@pytest.mark.once
def test_publish_stores_the_diff_of_the_upgrade(
    versions: list[Version], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_due_jobs()

    (diff,) = VersionDiff.objects.all()
    assert (diff.old_version, diff.new_version, diff.is_adjacent) == (*versions, True)
    monkeypatch.setattr(actions, "compute_diff", None)
    assert client.get(f"{PAGE}/1.0.0...1.1.0").status_code == 200


@pytest.mark.once
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


@pytest.mark.once
@pytest.mark.parametrize("middle", [UUID(int=0), UUID(int=2**128 - 1)], ids=["below", "above"])
def test_upgrades_without_a_diff_are_prepared(
    versions: list[Version], monkeypatch: pytest.MonkeyPatch, middle: UUID
) -> None:
    """As after an import, a re-analysis or new rules, when no page was opened."""
    monkeypatch.setattr(jobs, "uuid4", lambda: middle)
    agent = versions[0].agent
    assert agent.pk not in get_last_growth([agent.pk])

    assert prepare_missing_diffs(Job()) == 1

    growth = get_last_growth([agent.pk])[agent.pk]
    assert (growth.old, growth.new) == ("1.0.0", "1.1.0")
    assert VersionDiffPage.objects.count() == 1
    assert prepare_missing_diffs(Job()) == 0


def test_diff_of_older_rules_stays_until_it_is_replaced(versions: list[Version]) -> None:
    prepare_missing_diffs(Job())
    VersionDiff.objects.update(rule_set="former")

    assert delete_unused_diffs(Job()) == 0
    assert versions[0].agent_id in get_last_growth([versions[0].agent_id])

    assert prepare_missing_diffs(Job()) == 1
    assert delete_unused_diffs(Job()) == 1
    assert VersionDiff.objects.get().rule_set == DIFF_RULE_SET


def test_reanalysis_deletes_the_diffs_of_a_version(versions: list[Version], client: Client) -> None:
    client.get(f"{PAGE}/1.0.0...1.1.0")
    reanalyse_version(versions[0])

    assert VersionDiff.objects.count() == 0

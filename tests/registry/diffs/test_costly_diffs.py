"""Diffs that cost more than the sandbox allows."""

import pytest
from django.core.cache import caches
from django.test import Client

from foundation.jobs.actions import run_due_jobs
from foundation.jobs.models import Job
from foundation.sandbox.limits import TaskLimits
from foundation.sandbox.pool import Lane
from registry.models import Version, VersionDiff
from registry.sandbox import lanes
from tests.registry.diffs.conftest import API, PAGE

pytestmark = pytest.mark.once

PAIR = "1.0.0...1.1.0"


@pytest.fixture
def tight(versions: list[Version], monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Versions whose diff exceeds the limit of output."""
    monkeypatch.setattr(lanes, "LIMITS", TaskLimits(output_bytes=10))
    return monkeypatch


def test_costly_diff_is_refused_and_not_tried_again_for_an_hour(
    tight: pytest.MonkeyPatch, client: Client
) -> None:
    page, answer = client.get(f"{PAGE}/{PAIR}"), client.get(f"{API}/{PAIR}")

    assert (page.status_code, answer.status_code) == (422, 422)
    assert answer.json()["error"]["code"] == "diff_too_costly"
    assert answer.json()["error"]["details"]["reason"] == "output"
    assert VersionDiff.objects.count() == 0
    tight.undo()
    assert client.get(f"{API}/{PAIR}").status_code == 422
    caches["values"].clear()
    assert client.get(f"{API}/{PAIR}").status_code == 200


def test_costly_diff_does_not_fail_its_job(tight: pytest.MonkeyPatch) -> None:
    run_due_jobs()

    results = {str(job.result) for job in Job.objects.filter(kind="version_diffs.prepare")}
    assert results == {"first version", "1.0.0 to 1.1.0: too costly"}
    assert not Job.objects.exclude(last_error="").exclude(last_error=None).exists()


def test_reader_is_refused_while_the_lane_of_diffs_is_full(
    versions: list[Version], client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    lane = Lane(lanes.POOL, max_running=1, max_waiting=0, patience=0)
    monkeypatch.setattr(lanes, "READING", lane)

    with lane.session():
        answer = client.get(f"{API}/{PAIR}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "diffs_busy")
    assert int(answer["Retry-After"]) > 0
    assert client.get(f"{API}/{PAIR}").status_code == 200

"""Metrics: requests by route, for this machine and holders of the token."""

import re
from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client

from clawstore.ops.metrics import record_request
from foundation.clock import now
from foundation.jobs.actions import enqueue, run_due_jobs
from foundation.jobs.models import Job
from foundation.jobs.registry import JOBS
from foundation.limits.budgets import cpu_budget

pytestmark = [pytest.mark.once, pytest.mark.django_db]

COUNT = re.compile(r"^clawstore_request_seconds_count\{(.*)\} (\S+)$", re.MULTILINE)


def counts(client: Client) -> dict[str, float]:
    text = client.get("/metrics", headers={"host": "localhost"}).text
    return {labels: float(value) for labels, value in COUNT.findall(text)}


def test_requests_are_counted_by_route_and_status_never_by_address(client: Client):
    key = 'method="GET",route="/agents/@<str:scope>/<str:name>",status="404"'
    before = counts(client).get(key, 0)

    client.get("/agents/@nobody/secret-plan")

    after = counts(client)
    assert after[key] == before + 1
    assert not any("secret-plan" in labels for labels in after)


def test_unknown_methods_and_addresses_are_one_series_each(client: Client, db: None):
    for number in range(3):
        client.generic(f"BREW{number}", f"/nowhere-{number}")

    strange = [labels for labels in counts(client) if "nowhere" in labels or "BREW" in labels]
    assert strange == []
    assert any('method="other",route="unknown"' in labels for labels in counts(client))


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {"host": "127.0.0.1:8000"}, 200),
        ("::1", {"host": "[::1]:8000"}, 200),
        ("203.0.113.9", {"host": "127.0.0.1"}, 404),
        # A proxy on this machine forwards requests of other machines.
        ("127.0.0.1", {"host": "127.0.0.1", "x-forwarded-for": "203.0.113.9"}, 404),
        ("127.0.0.1", {"host": "127.0.0.1", "forwarded": "for=203.0.113.9"}, 404),
        # A page of another site made a browser on this machine send the request.
        ("127.0.0.1", {"host": "evil.example"}, 404),
    ],
)
def test_metrics_are_readable_from_this_machine_only(
    client: Client, address: str, headers: dict, status: int
):
    assert client.get("/metrics", headers=headers, REMOTE_ADDR=address).status_code == status


@pytest.mark.parametrize(
    ("token", "header", "status"),
    [
        ("right", "Bearer right", 200),
        ("right", "Bearer wrong", 404),
        ("right", "right", 404),
        ("", "Bearer ", 404),
        ("", "", 404),
    ],
)
def test_metrics_token_allows_remote_access(
    client: Client, settings, token: str, header: str, status: int
):
    record_request("GET", "/", 200, 0.1)
    settings.METRICS_TOKEN = token
    headers = {"host": "shop.example", "authorization": header}

    answer = client.get("/metrics", headers=headers, REMOTE_ADDR="203.0.113.9")

    assert answer.status_code == status
    assert (b"clawstore" in answer.content) == (status == 200)
    assert not answer.cookies


def test_spent_cpu_budget_is_counted(client: Client) -> None:
    def spent() -> float:
        text = client.get("/metrics", headers={"host": "localhost"}).text
        match = re.search(r'^clawstore_budget_seconds_total\{budget="compare"\} (\S+)$', text, re.M)
        return float(match[1]) if match else 0

    before = spent()
    cpu_budget("compare").charge(0.25)
    client.get("/v1/health")

    assert spent() - before == pytest.approx(0.25, abs=0.001)


def job_numbers(client: Client) -> dict[str, float]:
    text = client.get("/metrics", headers={"host": "localhost"}).text
    pattern = re.compile(r"^clawstore_(jobs?_?\w*(?:\{.*\})?) (\S+)$", re.MULTILINE)
    return {name: float(value) for name, value in pattern.findall(text)}


@pytest.fixture
def test_jobs(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    def fail(job: Job) -> None:
        raise ValueError

    monkeypatch.setitem(JOBS, "test.good", lambda job: None)
    monkeypatch.setitem(JOBS, "test.bad", fail)


def test_jobs_are_counted_by_state(client: Client, test_jobs: None) -> None:
    hour = timedelta(hours=1)
    for name, status, age in (
        ("test.good", "queued", hour),
        ("test.good", "queued", 2 * hour),
        ("test.good", "running", hour / 2),
        ("test.good", "failed", hour),
        ("test.good", "succeeded", 9 * hour),
        ("test.unknown", "queued", 3 * hour),
        ("test.unknown", "failed", 4 * hour),
    ):
        Job.objects.create(kind=name, status=status, created_at=now() - age)

    numbers = job_numbers(client)

    states = ("queued", "running", "failed", "parked")
    assert [numbers[f'jobs{{state="{state}"}}'] for state in states] == [2, 1, 2, 1]
    ages = [numbers[f'jobs_oldest_seconds{{state="{state}"}}'] for state in states]
    assert ages == pytest.approx([7200, 1800, 14400, 10800], abs=60)


def test_each_queue_has_its_numbers(client: Client, test_jobs: None) -> None:
    minute = timedelta(minutes=1)
    for queue, status, age in (
        ("default", "queued", 10 * minute),
        ("default", "queued", -10 * minute),
        ("webhooks", "failed", minute),
        ("webhooks", "queued", -minute),
    ):
        Job.objects.create(kind="test.good", queue=queue, status=status, run_at=now() - age)

    text = client.get("/metrics", headers={"host": "localhost"}).text

    for line in (
        'clawstore_queue_waiting{queue="default"} 2.0',
        'clawstore_queue_waiting{queue="webhooks"} 1.0',
        'clawstore_queue_failed{queue="webhooks"} 1.0',
        'clawstore_queue_oldest_seconds{queue="webhooks"} 0.0',
        'clawstore_queue_oldest_seconds{queue="default"} 600.',
    ):
        assert line in text


def test_durations_are_counted_by_name_and_outcome(client: Client, test_jobs: None) -> None:
    for name in ("test.good", "test.good", "test.bad"):
        enqueue(name, {})
    run_due_jobs()
    Job.objects.filter(kind="test.bad").update(run_at=now(), attempts=7)
    run_due_jobs()

    numbers = job_numbers(client)

    runs = {name: value for name, value in numbers.items() if name.startswith("job_seconds_count")}
    assert runs == {
        'job_seconds_count{name="test.good",outcome="succeeded"}': 2,
        'job_seconds_count{name="test.bad",outcome="retried"}': 1,
        'job_seconds_count{name="test.bad",outcome="failed"}': 1,
    }
    assert 0 < numbers['job_seconds_sum{name="test.good",outcome="succeeded"}'] < 60


def test_metrics_without_a_database_have_no_jobs(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise OperationalError

    monkeypatch.setattr("clawstore.ops.metrics.job_groups", fail)

    response = client.get("/metrics", headers={"host": "localhost"})

    assert response.status_code == 200
    assert "clawstore_jobs" not in response.text
    assert "clawstore_request_seconds" in response.text

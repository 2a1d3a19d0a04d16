"""Jobs: enqueued with the change, run after its commit, at least once."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from foundation.actor import ANONYMOUS
from foundation.audit.actions import record, without_reactions
from foundation.audit.models import AuditLog
from foundation.audit.queries import event_of_job
from foundation.clock import now
from foundation.jobs import actions, leases
from foundation.jobs.actions import (
    SCHEDULED,
    JobCounts,
    QueueChoice,
    claim_job,
    correct_future_jobs,
    delete_finished_jobs,
    enqueue,
    retry_delay,
    run_due_jobs,
    run_job,
)
from foundation.jobs.leases import LEASE
from foundation.jobs.models import Job
from foundation.jobs.registry import JOBS, DuplicateJobName, UnknownJobName, job
from tests.support.races import run_at_once

REACTIONS = {"door.opened": ("tests.greet",)}
calls: list[str] = []


def greet(job: Job) -> dict[str, str]:
    calls.append(event_of_job(job).entity_id)
    return {"greeting": "hello"}


def fail(job: Job) -> None:
    calls.append("fail")
    raise ConnectionError("The mail server is down.")


@pytest.fixture(autouse=True)
def registered_jobs(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calls.clear()
    settings.REACTIONS = f"{__name__}.REACTIONS"
    monkeypatch.setitem(JOBS, "tests.greet", greet)
    monkeypatch.setitem(JOBS, "tests.fail", fail)


def make_due(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(run_at=now())


def test_reaction_is_enqueued_with_the_event_and_runs_later():
    record("door.opened", "door", "front", by=ANONYMOUS)
    record("door.closed", "door", "front", by=ANONYMOUS)

    assert calls == []
    assert run_due_jobs() == JobCounts(success_count=1)
    assert calls == ["front"]
    job = Job.objects.get()
    assert (job.kind, job.queue, job.status) == ("tests.greet", "reactions", "succeeded")
    assert (job.attempts, job.result) == (1, {"greeting": "hello"})
    assert job.completed_at is not None
    assert run_due_jobs() == JobCounts()


def test_rolled_back_change_leaves_no_job():
    record_and_fail = transaction.atomic(lambda: record("door.opened", "d", "d", by=ANONYMOUS) / 0)

    with pytest.raises(TypeError):
        record_and_fail()

    assert Job.objects.count() == 0


def test_event_without_reactions_enqueues_nothing():
    with without_reactions():
        record("door.opened", "door", "front", by=ANONYMOUS)
    assert (Job.objects.count(), AuditLog.objects.count()) == (0, 1)

    record("door.opened", "door", "front", by=ANONYMOUS)
    assert Job.objects.count() == 1


def test_failed_job_is_retried_after_a_delay():
    job = enqueue("tests.fail", {})
    start = now()

    assert run_due_jobs() == JobCounts(retry_count=1)

    job.refresh_from_db()
    assert (job.status, job.attempts) == ("queued", 1)
    assert job.last_error == "ConnectionError: The mail server is down."
    assert start + timedelta(seconds=30) <= job.run_at <= now() + timedelta(seconds=30)
    assert run_due_jobs() == JobCounts()
    make_due(job)
    assert run_due_jobs() == JobCounts(retry_count=1)


def test_job_fails_after_its_last_attempt_and_logs_an_error(caplog: pytest.LogCaptureFixture):
    job = enqueue("tests.fail", {})
    Job.objects.filter(pk=job.pk).update(max_attempts=2)

    with caplog.at_level(logging.ERROR, "clawstore.jobs"):
        run_due_jobs()
        make_due(job)
        assert run_due_jobs() == JobCounts(failure_count=1)

    job.refresh_from_db()
    assert (job.status, job.attempts, calls) == ("failed", 2, ["fail", "fail"])
    # The time of the run, and not the end of its lease.
    assert job.run_at == job.started_at <= job.completed_at
    assert [r.levelname for r in caplog.records] == ["ERROR"]
    make_due(job)
    assert run_due_jobs() == JobCounts()


def test_result_that_json_cannot_represent_is_an_error(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(JOBS, "tests.greet", lambda job: {job})
    job = enqueue("tests.greet", {})

    assert run_due_jobs() == JobCounts(retry_count=1)

    job.refresh_from_db()
    assert job.last_error == "TypeError: Object of type set is not JSON serializable"


def test_job_of_a_killed_worker_is_due_after_its_lease():
    record("door.opened", "door", "back", by=ANONYMOUS)
    claimed_job = claim_job()
    assert claimed_job is not None

    assert claim_job() is None
    assert now() < claimed_job.run_at <= now() + LEASE
    make_due(claimed_job)
    assert run_due_jobs() == JobCounts(success_count=1)
    assert (Job.objects.get().attempts, calls) == (2, ["back"])


def test_job_that_always_kills_its_worker_fails():
    enqueue("tests.greet", {})
    Job.objects.update(status="running", attempts=8, run_at=now())

    assert run_due_jobs() == JobCounts(failure_count=1)
    last_error = Job.objects.get().last_error
    assert (last_error, calls) == ("The worker crashed during the last attempt.", [])


def test_worker_that_lost_its_lease_does_not_overwrite_the_outcome():
    record("door.opened", "door", "side", by=ANONYMOUS)
    slow = claim_job()
    assert slow is not None
    make_due(slow)
    run_due_jobs()

    run_job(slow)

    assert (Job.objects.get().attempts, Job.objects.get().status) == (2, "succeeded")


def test_retry_delays_grow_up_to_six_hours():
    minutes = [retry_delay(n).total_seconds() / 60 for n in (1, 2, 3, 4, 5, 6, 60)]

    assert minutes == [0.5, 2, 8, 32, 128, 360, 360]


def test_enqueue_refuses_an_unknown_name():
    with pytest.raises(UnknownJobName, match=r"There is no job named tests\.unknown\."):
        enqueue("tests.unknown", {})

    assert Job.objects.count() == 0


def test_name_is_registered_once():
    with pytest.raises(DuplicateJobName):
        job("tests.greet")(fail)

    assert JOBS["tests.greet"] is greet


def test_job_with_an_unknown_name_is_parked_until_a_worker_knows_it(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    parked_job = Job.objects.create(kind="tests.new", max_attempts=1)

    with caplog.at_level(logging.ERROR, "clawstore.jobs"):
        assert run_due_jobs() == JobCounts(parked_count=1)

    parked_job.refresh_from_db()
    assert (parked_job.status, parked_job.attempts) == ("queued", 0)
    assert parked_job.last_error == "No job is registered under the name tests.new."
    assert now() < parked_job.run_at <= now() + actions.PARKING_TIME
    assert [r.levelname for r in caplog.records] == ["ERROR"]

    monkeypatch.setitem(JOBS, "tests.new", lambda job: "done")
    make_due(parked_job)
    assert run_due_jobs() == JobCounts(success_count=1)
    parked_job.refresh_from_db()
    assert (parked_job.status, parked_job.result, parked_job.last_error) == (
        "succeeded",
        "done",
        "",
    )


def test_command_runs_due_jobs_once(capsys: pytest.CaptureFixture[str]):
    record("door.opened", "door", "front", by=ANONYMOUS)
    enqueue("tests.fail", {})

    call_command("run_due_jobs")

    assert capsys.readouterr().out == "1 done, 1 to be retried, 0 failed.\n"


def test_finished_jobs_are_deleted_after_a_month_and_failed_ones_stay():
    for status in ("succeeded", "failed", "queued"):
        Job.objects.create(kind="x", status=status, completed_at=now() - timedelta(days=31))

    assert delete_finished_jobs() == 1
    assert sorted(Job.objects.values_list("status", flat=True)) == ["failed", "queued"]


def test_finished_scheduled_jobs_are_deleted_after_two_days():
    for days in (1, 3):
        completed_at = now() - timedelta(days=days)
        for queue in (SCHEDULED, "default"):
            Job.objects.create(kind="x", queue=queue, status="succeeded", completed_at=completed_at)

    assert delete_finished_jobs() == 1
    assert Job.objects.filter(queue=SCHEDULED).count() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_workers_never_run_the_same_job():
    for number in range(6):
        with transaction.atomic():
            record("door.opened", "door", f"door {number}", by=ANONYMOUS)

    rounds = run_at_once([run_due_jobs] * 4)

    assert sorted(calls) == [f"door {number}" for number in range(6)]
    assert sum(counts.success_count for counts in rounds) == 6
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}
    connection.close()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_lease_is_renewed_while_the_job_runs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(leases, "RENEWAL_INTERVAL", 0.05)
    ends: list[Any] = []

    def wait_for_renewal(job: Job) -> None:
        deadline = now() + timedelta(seconds=10)
        while (run_at := Job.objects.get(pk=job.pk).run_at) == job.run_at and now() < deadline:
            pass
        ends.append((job.run_at, run_at))

    monkeypatch.setitem(JOBS, "tests.greet", wait_for_renewal)
    enqueue("tests.greet", {})

    assert run_due_jobs() == JobCounts(success_count=1)
    [(first_end, renewed_end)] = ends
    assert renewed_end > first_end


@pytest.mark.once
@pytest.mark.parametrize(
    ("queues", "index"),
    [
        (QueueChoice(), "jobs_that_are_due (status=? AND run_at<?)"),
        (QueueChoice(without=("slow",)), "jobs_that_are_due (status=? AND run_at<?)"),
        (QueueChoice(only="slow"), "jobs_of_a_queue (queue=? AND status=? AND run_at<?)"),
    ],
)
@pytest.mark.parametrize("status", ["queued", "running"])
def test_claim_of_a_long_queue_sorts_no_queue(status: str, queues: QueueChoice, index: str):
    """With 100,000 waiting jobs each claim would sort all of them."""
    with CaptureQueriesContext(connection) as queries:
        actions._first_due(status, queues)
    [sql] = [query["sql"] for query in queries if "ORDER BY" in query["sql"]]

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        plan = " ".join(row[3] for row in cursor.fetchall())

    assert f"INDEX {index}" in plan
    # The id decides only between jobs of the same millisecond.
    assert "TEMP B-TREE FOR ORDER BY" not in plan


def test_job_of_a_clock_that_was_ahead_becomes_due():
    hour = timedelta(hours=1)
    early_job = Job.objects.create(kind="tests.greet", created_at=now() + hour, run_at=now() + hour)
    later_job = Job.objects.create(kind="tests.greet", run_at=now() + hour)

    assert correct_future_jobs() == 1

    assert list(Job.objects.due()) == [early_job]
    later_job.refresh_from_db()
    assert later_job.run_at > now() + hour / 2

"""The outbox: written with the change, done after it, at least once, given up loudly."""

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from foundation.actor import NOBODY
from foundation.audit.actions import record, without_reactions
from foundation.audit.models import AuditLog
from foundation.audit.queries import event_of_job
from foundation.clock import now
from foundation.jobs import actions
from foundation.jobs.actions import (
    LEASE,
    claim_job,
    delete_finished_jobs,
    enqueue,
    pause_after,
    run_due_jobs,
)
from foundation.jobs.models import Job
from tests.reviews.test_ratings import all_at_once

HERE = "tests.foundation.jobs.test_jobs"
REACTIONS = {"door.opened": (f"{HERE}.greet",)}
done: list[str] = []


def greet(job: Job) -> dict[str, str]:
    done.append(event_of_job(job).entity_id)
    return {"said": "hello"}


def fail(job: Job) -> None:
    done.append("tried")
    raise ConnectionError("The mail server is asleep.")


@pytest.fixture(autouse=True)
def outbox(db: None, settings: Any) -> None:
    done.clear()
    settings.REACTIONS = f"{HERE}.REACTIONS"
    settings.NUDGE = ""


def make_due(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(run_at=now())


def test_what_follows_is_written_with_the_change_and_done_later():
    record("door.opened", "door", "front", by=NOBODY)
    record("door.closed", "door", "front", by=NOBODY)

    assert done == []
    assert run_due_jobs() == actions.JobCounts(succeeded=1)
    assert done == ["front"]
    job = Job.objects.get()
    assert (job.status, job.attempts, job.result) == ("succeeded", 1, {"said": "hello"})
    assert job.completed_at is not None
    assert run_due_jobs() == actions.JobCounts()


def test_a_change_that_is_rolled_back_has_no_consequences():
    open_and_stumble = transaction.atomic(lambda: record("door.opened", "d", "d", by=NOBODY) / 0)

    with pytest.raises(TypeError):
        open_and_stumble()

    assert Job.objects.count() == 0


def test_nobody_is_told_of_a_demo():
    with without_reactions():
        record("door.opened", "door", "front", by=NOBODY)
    assert (Job.objects.count(), AuditLog.objects.count()) == (0, 1)

    record("door.opened", "door", "front", by=NOBODY)
    assert Job.objects.count() == 1


def test_a_failed_job_waits_and_is_tried_again(caplog: pytest.LogCaptureFixture):
    job = enqueue(f"{HERE}.fail", {})
    began = now()

    assert run_due_jobs() == actions.JobCounts(retried=1)

    job.refresh_from_db()
    assert (job.status, job.attempts) == ("queued", 1)
    assert job.last_error == "ConnectionError: The mail server is asleep."
    assert began + timedelta(seconds=30) <= job.run_at <= now() + timedelta(seconds=30)
    assert run_due_jobs() == actions.JobCounts()
    make_due(job)
    assert run_due_jobs() == actions.JobCounts(retried=1)


def test_after_the_last_attempt_it_is_given_up_loudly(caplog: pytest.LogCaptureFixture):
    job = enqueue(f"{HERE}.fail", {})
    Job.objects.filter(pk=job.pk).update(max_attempts=2)

    with caplog.at_level(logging.ERROR, "clawstore.jobs"):
        run_due_jobs()
        make_due(job)
        assert run_due_jobs() == actions.JobCounts(failed=1)

    job.refresh_from_db()
    assert (job.status, job.attempts, done) == ("failed", 2, ["tried", "tried"])
    assert [r.levelname for r in caplog.records] == ["ERROR"]
    make_due(job)
    assert run_due_jobs() == actions.JobCounts()


def test_a_job_of_a_crashed_worker_becomes_due_again():
    record("door.opened", "door", "back", by=NOBODY)
    crashed = claim_job()
    assert crashed is not None

    assert claim_job() is None
    assert crashed.run_at > now() + LEASE - timedelta(minutes=1)
    make_due(crashed)
    assert run_due_jobs() == actions.JobCounts(succeeded=1)
    assert (Job.objects.get().attempts, done) == (2, ["back"])


def test_a_job_that_always_kills_its_worker_ends():
    enqueue(f"{HERE}.greet", {})
    Job.objects.update(status="running", attempts=8, run_at=now())

    assert run_due_jobs() == actions.JobCounts(failed=1)
    assert (Job.objects.get().last_error, done) == (
        "The worker crashed during the last attempt.",
        [],
    )


def test_who_came_too_late_does_not_overwrite_what_came_of_it():
    record("door.opened", "door", "side", by=NOBODY)
    slow = claim_job()
    assert slow is not None
    make_due(slow)
    run_due_jobs()

    actions.run_job(slow)

    assert (Job.objects.get().attempts, Job.objects.get().status) == (2, "succeeded")


def test_pauses_grow_and_have_an_end():
    minutes = [pause_after(n).total_seconds() / 60 for n in (1, 2, 3, 4, 5, 6, 60)]

    assert minutes == [0.5, 2, 8, 32, 128, 360, 360]


def test_one_that_is_not_there_any_more_is_an_error_like_any_other():
    enqueue("foundation.nowhere.nothing", {})

    assert run_due_jobs() == actions.JobCounts(retried=1)


def test_the_worker_is_woken_by_the_commit(settings: Any, django_capture_on_commit_callbacks: Any):
    settings.NUDGE = f"{HERE}.deliver_now"

    with django_capture_on_commit_callbacks(execute=True):
        record("door.opened", "door", "gate", by=NOBODY)

    assert done == ["gate"]


def deliver_now() -> None:
    run_due_jobs()


def test_one_round_by_hand(capsys: pytest.CaptureFixture[str]):
    record("door.opened", "door", "front", by=NOBODY)
    enqueue(f"{HERE}.fail", {})

    call_command("deliver_jobs")

    assert capsys.readouterr().out == "1 done, 1 to be retried, 0 failed.\n"


def test_what_was_done_long_ago_is_forgotten_and_failures_stay():
    for status in ("succeeded", "failed", "queued"):
        Job.objects.create(kind="x", status=status, completed_at=now() - timedelta(days=31))

    assert delete_finished_jobs() == 1
    assert sorted(Job.objects.values_list("status", flat=True)) == ["failed", "queued"]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_many_workers_one_does_a_job():
    for number in range(6):
        with transaction.atomic():
            record("door.opened", "door", f"door {number}", by=NOBODY)

    rounds = all_at_once([run_due_jobs] * 4)

    assert sorted(done) == [f"door {number}" for number in range(6)]
    assert sum(each.succeeded for each in rounds) == 6
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}
    connection.close()

"""Schedules: hourly and daily jobs, enqueued once however many workers there are."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from foundation.jobs import actions
from foundation.jobs.actions import enqueue_due_schedules, run_due_jobs
from foundation.jobs.models import Job, JobSchedule
from foundation.jobs.registry import JOBS
from foundation.jobs.schedules import daily, hourly
from tests.support.races import run_at_once

SCHEDULES = (hourly("tests.hourly", minute=17), daily("tests.daily", hour=3, minute=41))
NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def schedules(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SCHEDULES = f"{__name__}.SCHEDULES"
    for schedule in SCHEDULES:
        monkeypatch.setitem(JOBS, schedule.kind, lambda job: None)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sets the time that schedules read."""

    def set_time(moment: datetime) -> None:
        monkeypatch.setattr(actions, "now", lambda: moment)

    set_time(NOON)
    return set_time


def queued_kinds() -> list[str]:
    return list(Job.objects.filter(status="queued").values_list("kind", flat=True))


@pytest.mark.parametrize(
    ("moment", "next_moment"),
    [
        (NOON, NOON.replace(minute=17)),
        (NOON.replace(minute=17), NOON.replace(hour=13, minute=17)),
        (NOON.replace(minute=16, second=59), NOON.replace(minute=17)),
        (NOON.replace(hour=23, minute=30), datetime(2026, 11, 22, 0, 17, tzinfo=UTC)),
    ],
)
def test_next_time_of_an_hourly_schedule(moment: datetime, next_moment: datetime):
    assert hourly("x", minute=17).next_after(moment) == next_moment


@pytest.mark.parametrize(
    ("moment", "next_moment"),
    [
        (NOON, datetime(2026, 11, 22, 3, 41, tzinfo=UTC)),
        (datetime(2026, 11, 21, 3, 40, tzinfo=UTC), datetime(2026, 11, 21, 3, 41, tzinfo=UTC)),
        (datetime(2026, 12, 31, 3, 41, tzinfo=UTC), datetime(2027, 1, 1, 3, 41, tzinfo=UTC)),
    ],
)
def test_next_time_of_a_daily_schedule(moment: datetime, next_moment: datetime):
    assert daily("x", hour=3, minute=41).next_after(moment) == next_moment


def test_first_look_enqueues_nothing(clock: Any):
    assert enqueue_due_schedules() == 0

    states = dict(JobSchedule.objects.values_list("kind", "next_run_at"))
    assert states == {
        "tests.hourly": NOON.replace(minute=17),
        "tests.daily": datetime(2026, 11, 22, 3, 41, tzinfo=UTC),
    }


def test_due_schedule_is_enqueued_once(clock: Any):
    enqueue_due_schedules()
    clock(NOON.replace(minute=17, second=3))

    assert enqueue_due_schedules() == 1
    assert enqueue_due_schedules() == 0

    assert queued_kinds() == ["tests.hourly"]
    state = JobSchedule.objects.get(kind="tests.hourly")
    assert state.last_run_at == NOON.replace(minute=17, second=3)
    assert state.next_run_at == NOON.replace(hour=13, minute=17)


def test_missed_times_are_made_up_for_once(clock: Any):
    enqueue_due_schedules()
    clock(NOON + timedelta(days=2))

    assert enqueue_due_schedules() == 2
    assert sorted(queued_kinds()) == ["tests.daily", "tests.hourly"]


def test_unfinished_job_is_not_enqueued_again(clock: Any):
    enqueue_due_schedules()
    clock(NOON.replace(minute=30))
    assert enqueue_due_schedules() == 1
    clock(NOON.replace(hour=13, minute=30))
    assert enqueue_due_schedules() == 0

    Job.objects.update(status="succeeded")
    clock(NOON.replace(hour=14, minute=30))
    assert enqueue_due_schedules() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_several_workers_enqueue_a_schedule_once():
    enqueue_due_schedules()
    JobSchedule.objects.update(next_run_at=NOON)

    counts = run_at_once([enqueue_due_schedules] * 4)

    # Different workers may enqueue the two, but each is enqueued by one.
    assert sum(counts) == 2
    assert sorted(queued_kinds()) == ["tests.daily", "tests.hourly"]
    assert run_due_jobs().success_count == 2


def test_schedule_of_a_clock_that_was_ahead_is_corrected(clock: Any):
    clock(NOON + timedelta(days=400))
    enqueue_due_schedules()

    clock(NOON)
    enqueue_due_schedules()
    clock(NOON.replace(minute=18))
    enqueue_due_schedules()

    assert queued_kinds() == ["tests.hourly"]

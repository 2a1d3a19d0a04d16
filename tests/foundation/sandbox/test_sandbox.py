"""Child processes with limits: what they stop, and what they leave behind."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from foundation.sandbox import pool as pool_module
from foundation.sandbox import process as process_module
from foundation.sandbox.errors import SandboxBusy, TaskFailed, TaskStopped
from foundation.sandbox.limits import MIB, TaskLimits
from foundation.sandbox.place import working_on
from foundation.sandbox.pool import ChildPool, Lane, Session
from foundation.sandbox.usage import take_stopped_tasks
from tests.foundation.sandbox.hostile_tasks import HostileTasks

pytestmark = pytest.mark.once

TASKS = "tests.foundation.sandbox.hostile_tasks:HostileTasks"
# Far more than the tasks need on an idle machine: the tests share theirs.
LIMITS = TaskLimits(cpu_seconds=20, wall_seconds=120, memory_bytes=256 * MIB, output_bytes=MIB)


@pytest.fixture(scope="module")
def pool() -> Iterator[ChildPool]:
    pool = ChildPool(TASKS)
    yield pool
    pool.stop_idle()


@contextmanager
def session(pool: ChildPool) -> Iterator[Session]:
    with Lane(pool, max_running=1, max_waiting=0, patience=0).session() as session:
        yield session


def call(pool: ChildPool, task: Callable[..., Any], argument: Any, **limits: Any) -> Any:
    with session(pool) as open_session:
        return open_session.call(task, argument, limits=replace(**limits))


def replace(**limits: Any) -> TaskLimits:
    values = {name: getattr(LIMITS, name) for name in TaskLimits.__slots__}
    return TaskLimits(**values | limits)


def is_running(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rsplit(") ", 1)[1][0] != "Z"


def eventually(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


# --- Sessions ----------------------------------------------------------------------------------


def test_session_keeps_its_state_and_the_next_one_starts_anew(pool: ChildPool) -> None:
    with session(pool) as first:
        child = first.call(HostileTasks.process_id, None, limits=LIMITS)
        first.call(HostileTasks.remember, "one", limits=LIMITS)
        assert first.call(HostileTasks.remember, "two", limits=LIMITS) == ["one", "two"]

    with session(pool) as second:
        assert second.call(HostileTasks.remember, "three", limits=LIMITS) == ["three"]
        assert second.call(HostileTasks.process_id, None, limits=LIMITS) == child


def test_files_are_read_from_their_beginning_and_keep_their_position(pool: ChildPool) -> None:
    with tempfile.TemporaryFile() as long, tempfile.TemporaryFile() as short:
        long.write(b"alpha\nbeta\n")
        short.write(b"gamma\n")
        long.flush()
        short.flush()
        long.seek(6)
        with session(pool) as open_session:
            lines = [
                open_session.call(HostileTasks.first_line, place, [long, short], limits=LIMITS)
                for place in (0, 1, 0)
            ]

        assert lines == ["alpha\n", "gamma\n", "alpha\n"]
        assert long.read() == b"beta\n"


def test_child_is_replaced_after_its_last_session(
    pool: ChildPool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool_module, "MAX_SESSIONS_PER_CHILD", 1)

    first, second = (call(pool, HostileTasks.process_id, None) for _ in range(2))

    assert first != second
    assert not is_running(first)


def test_start_of_a_child_is_no_work_on_its_task() -> None:
    pool = ChildPool("tests.foundation.sandbox.slow_start:SlowStart")
    # The class itself is never imported here: it would be as slow.
    first, second = (call(pool, HostileTasks.process_id, None) for _ in range(2))

    assert first == second
    assert os.getpriority(os.PRIO_PROCESS, first) == os.getpriority(os.PRIO_PROCESS, 0)
    pool.stop_idle()


def test_idle_child_ends_and_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "IDLE_SECONDS", 0.2)
    pool = ChildPool(TASKS)
    first = call(pool, HostileTasks.process_id, None)
    eventually(lambda: not is_running(first))

    assert call(pool, HostileTasks.process_id, None) != first


# --- Limits ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("task", "limits", "reason"),
    [
        (HostileTasks.loop_for_ever, {"cpu_seconds": 1}, "time"),
        (HostileTasks.loop_for_ever, {"wall_seconds": 0.5}, "time"),
        (HostileTasks.sleep_for_ever, {"wall_seconds": 0.5}, "time"),
        (HostileTasks.allocate_without_end, {}, "memory"),
        (HostileTasks.recurse_without_end, {}, "memory"),
        (HostileTasks.die, {}, "crash"),
    ],
)
def test_task_over_a_limit_is_stopped_and_its_place_is_known(
    pool: ChildPool, task: Callable[..., Any], limits: dict[str, Any], reason: str
) -> None:
    child = call(pool, HostileTasks.process_id, None)
    with pytest.raises(TaskStopped) as stop:
        call(pool, task, "docs/ä.md", **limits)

    assert (stop.value.reason, stop.value.place) == (reason, "docs/ä.md")
    assert not is_running(child)
    assert call(pool, HostileTasks.remember, "next") == ["next"]


def test_result_over_its_limit_is_not_read(pool: ChildPool) -> None:
    assert len(call(pool, HostileTasks.flood, MIB - 2)) == MIB - 2

    with pytest.raises(TaskStopped) as stop:
        call(pool, HostileTasks.flood, MIB - 1)

    assert (stop.value.reason, stop.value.place) == ("output", "flood.md")


def test_bytes_that_are_no_message_are_not_read(pool: ChildPool) -> None:
    with pytest.raises(TaskStopped) as stop:
        call(pool, HostileTasks.write_garbage, "")

    assert stop.value.reason == "crash"


def test_result_of_another_type_is_an_error(pool: ChildPool) -> None:
    with pytest.raises(TaskFailed):
        call(pool, HostileTasks.answer_another_type, "")


def test_exception_of_a_task_arrives_with_its_traceback(pool: ChildPool) -> None:
    with pytest.raises(TaskFailed, match=r"in fail\n.*\nValueError: on purpose"):
        call(pool, HostileTasks.fail, "on purpose")


def test_child_has_no_variables_and_writes_no_file(
    pool: ChildPool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SECRET_KEY", "hush")
    pool.stop_idle()

    surroundings = call(pool, HostileTasks.look_around, str(tmp_path / "written"))

    assert set(surroundings.variables) <= {"LC_ALL", "LC_CTYPE", "TMPDIR"}
    assert surroundings.refusals == ("relative file", "file")


def test_place_is_recorded_in_a_child_only() -> None:
    working_on("nothing happens")


def test_tasks_of_a_session_share_its_budget(pool: ChildPool) -> None:
    lane = Lane(pool, max_running=1, max_waiting=0, patience=0)
    take_stopped_tasks()

    with lane.session(budget=replace(cpu_seconds=1)) as open_session:
        assert open_session.call(HostileTasks.work, 0.6, limits=LIMITS) is None
        assert open_session.call(HostileTasks.work, 0.6, limits=LIMITS) is None
        with pytest.raises(TaskStopped) as stop:
            open_session.call(HostileTasks.work, 0.0, limits=LIMITS)
    assert stop.value.reason == "time"
    assert take_stopped_tasks() == {"time": 1}

    with lane.session(budget=replace(wall_seconds=0.3)) as open_session, pytest.raises(TaskStopped):
        open_session.call(HostileTasks.sleep_for_ever, "", limits=LIMITS)


# --- Processes ---------------------------------------------------------------------------------

PARENT = f"""
import sys
from foundation.sandbox.limits import TaskLimits
from foundation.sandbox.pool import ChildPool, Session
from tests.foundation.sandbox.hostile_tasks import HostileTasks

pool = ChildPool({TASKS!r})
idle, busy = Session(pool), Session(pool)
for session in (idle, busy):
    print(session.call(HostileTasks.process_id, None, limits=TaskLimits()), flush=True)
idle.close()
busy.call(HostileTasks.loop_for_ever, "", limits=TaskLimits())
"""


def test_children_end_with_their_killed_parent() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    idle, busy = (int(parent.stdout.readline()) for _ in range(2))
    assert idle != busy
    assert is_running(idle)
    assert is_running(busy)

    parent.send_signal(signal.SIGKILL)
    parent.wait()

    eventually(lambda: not is_running(idle) and not is_running(busy), seconds=3)


def test_child_survives_the_signals_of_a_terminal(pool: ChildPool) -> None:
    with session(pool) as open_session:
        pid = open_session.call(HostileTasks.process_id, None, limits=LIMITS)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(pid, number)

        assert open_session.call(HostileTasks.remember, "alive", limits=LIMITS) == ["alive"]


def test_fork_starts_children_of_its_own(pool: ChildPool) -> None:
    own_child = call(pool, HostileTasks.process_id, None)
    reader, writer = os.pipe()
    fork = os.fork()
    if not fork:
        os.write(writer, str(call(pool, HostileTasks.process_id, None)).encode())
        os._exit(0)
    os.close(writer)
    os.waitpid(fork, 0)
    with os.fdopen(reader) as pipe:
        child_of_fork = int(pipe.read())

    assert child_of_fork != own_child
    assert call(pool, HostileTasks.process_id, None) == own_child
    eventually(lambda: not is_running(child_of_fork))


def test_children_do_not_see_the_files_of_others(pool: ChildPool) -> None:
    with session(pool) as open_session, tempfile.TemporaryFile() as file:
        pid = open_session.call(HostileTasks.process_id, None, [file], limits=LIMITS)
        before = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        for _ in range(20):
            open_session.call(HostileTasks.process_id, None, [file], limits=LIMITS)

        assert len(list(Path(f"/proc/{pid}/fd").iterdir())) == before


# --- Lanes -------------------------------------------------------------------------------------


def test_lane_refuses_more_than_its_queue_and_then_admits_again(pool: ChildPool) -> None:
    lane = Lane(pool, max_running=1, max_waiting=1, patience=10)
    results: list[Any] = []

    def wait_for_turn() -> None:
        with lane.session() as open_session:
            results.append(open_session.call(HostileTasks.remember, "waited", limits=LIMITS))

    with lane.session():
        waiter = threading.Thread(target=wait_for_turn)
        waiter.start()
        eventually(lambda: lane._free == 0)
        with pytest.raises(SandboxBusy), lane.session():
            pass
        assert results == []
    waiter.join()

    assert results == [["waited"]]
    with lane.session():
        pass


def test_owner_leaves_a_place_to_others(pool: ChildPool) -> None:
    lane = Lane(pool, max_running=2, max_waiting=1, patience=0)

    with lane.session(owner="ada"), lane.session(owner="ada"):
        with pytest.raises(SandboxBusy), lane.session(owner="ada"):
            pass
        assert lane._free == 1
    with lane.session(owner="ada"), lane.session(owner="grace"):
        assert lane._free == 1
    assert (lane._free, dict(lane._owners)) == (3, {})


def test_session_that_may_not_wait_leaves_the_queue_to_others(pool: ChildPool) -> None:
    lane = Lane(pool, max_running=1, max_waiting=1, patience=0)

    with lane.session(may_wait=False):
        with pytest.raises(SandboxBusy), lane.session(may_wait=False):
            pass
        assert lane._free == 1
    with lane.session(), pytest.raises(SandboxBusy), lane.session(may_wait=False):
        pass
    assert lane._free == 2


def test_lane_refuses_after_its_patience(pool: ChildPool) -> None:
    lane = Lane(pool, max_running=1, max_waiting=1, patience=0.05)

    with lane.session(), pytest.raises(SandboxBusy), lane.session():
        pass


def test_stopped_task_frees_its_lane(pool: ChildPool) -> None:
    lane = Lane(pool, max_running=1, max_waiting=0, patience=0)
    with pytest.raises(TaskStopped), lane.session() as open_session:
        open_session.call(HostileTasks.die, "", limits=LIMITS)

    with lane.session() as open_session:
        assert open_session.call(HostileTasks.remember, "free", limits=LIMITS) == ["free"]

"""Packages that cost more than the sandbox allows, with real child processes."""

import io
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from tempfile import TemporaryFile
from typing import Any, BinaryIO, cast

import pytest
from django.core import cache
from django.test import Client

from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.limits.declarations import Limit, declared_limits
from foundation.sandbox.errors import TaskStopped
from foundation.sandbox.limits import MIB, TaskLimits
from foundation.sandbox.pool import ChildPool, Lane
from registry.errors import PackageTooCostly, PublishingBusy, PublishingPaused
from registry.examiner.records import CheckRequest
from registry.examiner.tasks import Examiner
from registry.models import Agent, Draft, Version
from registry.publishing.publish import publish_version
from registry.sandbox import lanes
from registry.sandbox.descriptors import with_descriptor
from registry.sandbox.uploads import examine
from tests.support.hostile_examiner import HostileExaminer
from tests.support.http import Api
from tests.support.packages import manifest, tarball
from tests.support.uploads import PUBLISH, parts, tgz, upload

pytestmark = pytest.mark.once

HOSTILE = ChildPool("tests.support.hostile_examiner:HostileExaminer")


@pytest.fixture(autouse=True)
def hostile(monkeypatch: pytest.MonkeyPatch) -> Iterator[Lane]:
    lane = Lane(HOSTILE, max_running=1, max_waiting=1, patience=10)
    limits = TaskLimits(
        cpu_seconds=1, wall_seconds=20, memory_bytes=256 * MIB, output_bytes=4 * MIB
    )
    monkeypatch.setattr(lanes, "PUBLISHING", lane)
    monkeypatch.setattr(lanes, "LIMITS", limits)
    yield lane
    HOSTILE.stop_idle()


def assert_nothing_stored(stored_files: Callable[[], list[str]]) -> None:
    assert (Agent.objects.count(), Version.objects.count(), Draft.objects.count()) == (0, 0, 0)
    assert stored_files() == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [("loop.md", "time"), ("memory.md", "memory"), ("flood.md", "output"), ("crash.md", "crash")],
)
def test_costly_package_is_refused_with_the_name_of_its_file(
    api: Api,
    ada: User,
    key_for: Callable[..., str],
    stored_files: Callable[[], list[str]],
    name: str,
    reason: str,
) -> None:
    key = key_for(ada, "agents:publish")
    package = tgz(tarball({f"docs/{name}": "text"}))

    answer = api.upload(PUBLISH, parts(tarball=package), key=key)

    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (422, "package_too_costly")
    assert error["details"]["reason"] == reason
    (finding,) = error["details"]["findings"]
    assert (finding["code"], finding["severity"]) == ("package_too_costly", "error")
    assert finding["path"] == f"docs/{name}"
    assert f"docs/{name}" in error["message"]
    assert_nothing_stored(stored_files)


def test_account_has_to_wait_after_a_costly_package(
    api: Api, ada: User, grace: User, key_for: Callable[..., str]
) -> None:
    keys = {user: key_for(user, "agents:publish") for user in (ada, grace)}
    costly = parts(tarball=tgz(tarball({"crash.md": "text"})))
    assert api.upload(PUBLISH, costly, key=keys[ada]).status_code == 422

    refusal = api.upload(PUBLISH, parts(), key=keys[ada])

    assert (refusal.status_code, refusal.json()["error"]["code"]) == (429, "publishing_paused")
    assert refusal["Retry-After"] == "60"
    assert Version.objects.count() == 0
    package_of_grace = parts(manifest(id="@grace/planner"))
    assert api.upload(PUBLISH, package_of_grace, key=keys[grace]).status_code == 200
    cache.caches["values"].clear()
    assert api.upload(PUBLISH, parts(), key=keys[ada]).status_code == 200


def test_account_has_to_wait_when_its_time_is_spent(
    as_ada: Actor, as_grace: Actor, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.LIMITS_ON = True
    monkeypatch.setitem(declared_limits(), "examine", Limit("examine", 1, 600, "user"))
    publish_version(upload(), by=as_ada)

    with pytest.raises(PublishingPaused) as refusal:
        publish_version(upload(manifest(version="1.0.1")), by=as_ada)

    assert 0 < refusal.value.details["retry_after"] <= 600
    assert Version.objects.count() == 1
    publish_version(upload(manifest(id="@grace/planner")), by=as_grace)


def test_costly_upload_of_a_browser_becomes_no_draft(
    ada: User, stored_files: Callable[[], list[str]]
) -> None:
    browser = Client()
    browser.force_login(ada)

    answer = browser.post("/publish", {"tarball": tgz(tarball({"crash.md": "x"})), "channel": ""})

    assert answer.status_code == 422
    assert "package_too_costly" in answer.content.decode()
    assert "crash.md" in answer.content.decode()
    assert_nothing_stored(stored_files)


def test_draft_stays_when_publishing_it_becomes_too_costly(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Client()
    browser.force_login(ada)
    with monkeypatch.context() as patch:
        real = Lane(lanes.POOL, max_running=1, max_waiting=1, patience=10)
        patch.setattr(lanes, "PUBLISHING", real)
        browser.post("/publish", {"tarball": tgz(tarball({"crash.md": "x"})), "channel": ""})
    draft = Draft.objects.get()

    answer = browser.post(f"/publish/drafts/{draft.pk}/publish")

    assert answer.status_code == 422
    assert "crash.md" in answer.content.decode()
    assert Draft.objects.get() == draft
    assert Version.objects.count() == 0


def test_cost_after_the_check_is_limited_too(
    as_ada: Actor, stored_files: Callable[[], list[str]]
) -> None:
    with pytest.raises(PackageTooCostly, match=r"late\.md"):
        publish_version(upload(manifest(tagline="It comes late")), by=as_ada)

    assert_nothing_stored(stored_files)


def test_upload_is_refused_while_the_queue_is_full(
    api: Api,
    ada: User,
    as_ada: Actor,
    key_for: Callable[..., str],
    stored_files: Callable[[], list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = key_for(ada, "agents:publish")
    lane = Lane(HOSTILE, max_running=1, max_waiting=0, patience=0)
    monkeypatch.setattr(lanes, "PUBLISHING", lane)

    with lane.session():
        answer = api.upload(PUBLISH, parts(), key=key)
        with pytest.raises(PublishingBusy):
            publish_version(upload(), by=as_ada)

    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "publishing_busy")
    assert int(answer["Retry-After"]) > 0
    assert_nothing_stored(stored_files)
    assert api.upload(PUBLISH, parts(), key=key).status_code == 200


def test_waiting_for_a_child_leaves_the_interpreter_free(hostile: Lane) -> None:
    stop: list[TaskStopped] = []
    limits = replace(lanes.LIMITS, wall_seconds=0.5)

    def examine() -> None:
        request = CheckRequest(categories=("productivity",))
        with TemporaryFile() as file, hostile.session() as session:
            file.write(tarball({"loop.md": "x"}))
            file.flush()
            try:
                session.call(HostileExaminer.check, request, [file], limits=limits)
            except TaskStopped as error:
                stop.append(error)

    thread = threading.Thread(target=examine)
    thread.start()
    steps = 0
    while thread.is_alive():
        thread.join(0.01)
        steps += 1

    assert [error.reason for error in stop] == ["time"]
    assert steps > 10


class StreamOfBucket(io.RawIOBase):
    """A body of a response, which can be read once."""

    def __init__(self, data: bytes) -> None:
        self.unread_bytes = data

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        piece, self.unread_bytes = (
            self.unread_bytes[: len(buffer)],
            self.unread_bytes[len(buffer) :],
        )
        buffer[: len(piece)] = piece
        return len(piece)


def test_stream_of_a_bucket_is_examined_from_a_copy() -> None:
    stream = cast(BinaryIO, StreamOfBucket(tarball()))
    request = CheckRequest(categories=("productivity",))

    with with_descriptor(stream) as file, examine() as examination:
        answer = examination.call(Examiner.check, request, [file])

    assert answer.findings == ()
    assert "agent.json" in {row.path for row in answer.files}

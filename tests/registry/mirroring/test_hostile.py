"""A source that lies, breaks off, or asks for patience."""

import gzip
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from registry.mirroring import source as http
from registry.mirroring.actions import MirrorResult, run_mirror
from registry.mirroring.errors import SourceFailed
from registry.models import Agent, Mirror, MirroredAgent, MirrorProblem, Version
from tests.registry.mirroring.conftest import OPERATOR
from tests.support.packages import tarball
from tests.support.servers.fake_source import FakeSource, FakeSourceHandler, fake_source

pytestmark = pytest.mark.django_db
INDEX = "/v1/index/@ada/planner.json"


@pytest.fixture
def fake(storage_folder: Path) -> Iterator[FakeSource]:
    with fake_source() as fake:
        yield fake


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that the mirror would have waited."""
    seconds: list[float] = []
    monkeypatch.setattr(http, "sleep", seconds.append)
    return seconds


def follow(fake: FakeSource, **options: Any) -> MirrorResult:
    return run_mirror(fake.url, scopes=["@ada"], by=OPERATOR, **options)


def problems() -> set[tuple[str, str, bool]]:
    return set(MirrorProblem.objects.values_list("version", "code", "is_alarm"))


def test_lies_about_versions_are_skipped_and_the_rest_goes_on(fake: FakeSource) -> None:
    for number in ("1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0"):
        fake.publish("@ada/planner", number)
    fake.packages["@ada/planner", "1.0.0"] = gzip.compress(b"other bytes")
    records = {row["version"]: row for row in fake.versions["@ada/planner"]}
    records["1.1.0"]["manifest"] = records["1.1.0"]["manifest"] | {"tagline": "Another"}
    records["1.2.0"]["manifest"] = records["1.2.0"]["manifest"] | {"version": "9.0.0"}
    other = dict(records["1.3.0"], tarballSizeBytes=7)
    fake.lies["/v1/agents/ada/planner/versions/1.3.0"] = other
    script = tarball({"run.sh": "rm -rf /"}, records["1.4.0"]["manifest"])
    fake.packages["@ada/planner", "1.4.0"] = script
    records["1.4.0"]["tarballSha256"] = hashlib.sha256(script).hexdigest()
    records["1.4.0"]["tarballSizeBytes"] = len(script)

    result = follow(fake)

    assert (result.published_count, result.skipped_count, result.alarm_count) == (1, 5, 3)
    assert problems() == {
        ("1.0.0", "digest_mismatch", True),
        ("1.1.0", "validation_failed", False),
        ("1.2.0", "source_contradicts_itself", True),
        ("1.3.0", "source_contradicts_itself", True),
        ("1.4.0", "validation_failed", False),
    }
    assert "run.sh" in MirrorProblem.objects.get(version="1.4.0").message
    assert [version.version for version in Version.objects.all()] == ["1.5.0"]


def test_changed_digest_is_an_alarm_and_replaces_nothing(fake: FakeSource) -> None:
    record = fake.publish("@ada/planner", "1.0.0")
    follow(fake)
    digest = record["tarballSha256"]
    record["tarballSha256"] = "0" * 64
    fake.publish("@ada/planner", "1.1.0")

    follow(fake)

    assert problems() == {("1.0.0", "digest_changed", True)}
    versions = dict(Version.objects.values_list("version", "tarball_sha256"))
    assert versions["1.0.0"] == digest
    assert "1.1.0" in versions


def endless(handler: FakeSourceHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    while True:
        handler.wfile.write(b" " * 65536)


def redirect(handler: FakeSourceHandler) -> None:
    handler.send({}, 302, Location="http://169.254.169.254/latest/meta-data")


def moved_elsewhere(handler: FakeSourceHandler) -> None:
    handler.send({}, 301, Location="http://169.254.169.254/latest/meta-data")


@pytest.mark.parametrize(
    "lie",
    [
        lambda handler: handler.send(b"<html>"),
        lambda handler: handler.send(b"[" * 100_000),
        lambda handler: handler.send({"items": [{"id": "../../etc"}], "next": None, "more": False}),
        lambda handler: handler.send({"items": [], "next": None, "more": True}),
        endless,
        redirect,
    ],
)
def test_feed_of_rubbish_stops_the_run_with_a_message(
    fake: FakeSource, lie: Callable[[FakeSourceHandler], None]
) -> None:
    fake.publish("@ada/planner", "1.0.0")
    fake.lies["/v1/changes"] = lie
    with pytest.raises(SourceFailed):
        follow(fake)
    mirror = Mirror.objects.get()
    assert mirror.last_error
    assert (mirror.cursor, mirror.lease_token) == ("", None)
    del fake.lies["/v1/changes"]
    assert follow(fake).published_count == 1


def fails(handler: FakeSourceHandler) -> None:
    handler.send({}, 500)


@pytest.mark.parametrize("lie", [moved_elsewhere, redirect, endless, fails])
def test_rubbish_about_one_agent_stops_no_other(
    fake: FakeSource, lie: Callable[[FakeSourceHandler], None], waits: list[float]
) -> None:
    fake.publish("@ada/planner", "1.0.0")
    fake.publish("@ada/other", "1.0.0")
    fake.lies[INDEX] = lie
    assert follow(fake).published_count == 1
    assert list(MirroredAgent.objects.pending().values_list("full_id", flat=True)) == [
        "@ada/planner"
    ]
    del fake.lies[INDEX]
    assert follow(fake).published_count == 1
    assert problems() == set()


def test_endless_package_is_cut_off(fake: FakeSource) -> None:
    fake.publish("@ada/planner", "1.0.0")
    fake.lies["/v1/agents/ada/planner/versions/1.0.0/tarball"] = endless
    follow(fake)
    assert problems() == {("1.0.0", "digest_mismatch", True)}
    assert not Agent.objects.exists()


def test_patience_with_a_busy_source(fake: FakeSource, waits: list[float]) -> None:
    fake.publish("@ada/planner", "1.0.0")
    answers = iter([429, 503, 500])

    def busy(handler: FakeSourceHandler) -> None:
        status = next(answers, 200)
        if status == 200:
            handler.send(fake.answer(INDEX, {}))
        else:
            handler.send({}, status, **({"Retry_After": "7"} if status == 429 else {}))

    fake.lies[INDEX] = busy
    assert follow(fake).published_count == 1
    assert waits[0] == 7
    assert len(waits) == 3


def test_closed_source_needs_the_key_which_is_shown_nowhere(fake: FakeSource) -> None:
    fake.publish("@ada/planner", "1.0.0")
    fake.lies["/v1/agents"] = lambda handler: handler.send({}, 401)
    with pytest.raises(SourceFailed, match="MIRROR_KEY"):
        follow(fake, key="claw_secret")
    assert "claw_secret" not in Mirror.objects.get().last_error
    assert "claw_secret" not in repr(http.Source(fake.url, "claw_secret"))
    assert fake.keys == {"Bearer claw_secret"}


def test_private_address_needs_the_setting(fake: FakeSource, settings: Any) -> None:
    settings.MIRROR_ALLOW_PRIVATE = []
    with pytest.raises(SourceFailed, match="must not call"):
        follow(fake)
    assert fake.paths == []


def test_source_that_is_down(fake: FakeSource, waits: list[float]) -> None:
    with pytest.raises(SourceFailed):
        run_mirror("http://127.0.0.1:9", scopes=["@ada"], by=OPERATOR)
    assert len(waits) == 3
    assert Mirror.objects.get().failed_at is not None

"""Range requests for the package of a version."""

from typing import Any

import pytest

from foundation.actor import Actor
from registry.models import Version
from tests.support.http import Api
from tests.support.uploads import publish

pytestmark = pytest.mark.once

TARBALL = "/v1/agents/ada/planner/versions/1.0.0/tarball"


@pytest.fixture
def version(as_ada: Actor) -> Version:
    return publish(as_ada)


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_download_can_be_continued(api: Api, version: Version) -> None:
    full_response = api.get(TARBALL)
    content, size = body_of(full_response), version.tarball_size_bytes
    assert (full_response.status_code, full_response["Accept-Ranges"]) == (200, "bytes")

    first = api.get(TARBALL, Range="bytes=0-99")
    continuation = api.get(TARBALL, Range="bytes=100-", **{"If-Range": full_response["ETag"]})
    last = api.get(TARBALL, Range="Bytes=-10")

    assert [r.status_code for r in (first, continuation, last)] == [206, 206, 206]
    assert first["Content-Range"] == f"bytes 0-99/{size}"
    assert first["Content-Length"] == "100"
    assert body_of(first) + body_of(continuation) == content
    assert body_of(last) == content[-10:]


@pytest.mark.parametrize(
    "value",
    [
        "bytes=0-1,5-6",
        "lines=0-1",
        "bytes=5-2",
        "bytes=",
        "bytes=a-b",
        "bytes=-",
        "bytes=1-²",
        "bytes=" + "9" * 400 + "-",
    ],
)
def test_range_that_is_not_read_gives_the_whole_file(
    api: Api, version: Version, value: str
) -> None:
    response = api.get(TARBALL, Range=value)

    assert response.status_code == 200
    assert len(body_of(response)) == version.tarball_size_bytes


def test_changed_file_is_sent_whole(api: Api, version: Version) -> None:
    response = api.get(TARBALL, Range="bytes=10-", **{"If-Range": '"former"'})

    assert (response.status_code, len(body_of(response))) == (200, version.tarball_size_bytes)


@pytest.mark.parametrize("value", ["bytes=99999999-", "bytes=-0"])
def test_range_behind_the_end_is_refused(api: Api, version: Version, value: str) -> None:
    response = api.get(TARBALL, Range=value)

    assert (response.status_code, response.json()["error"]["code"]) == (
        416,
        "range_not_satisfiable",
    )
    assert response["Content-Range"] == f"bytes */{version.tarball_size_bytes}"

"""JSON responses are packed: no blanks between parts, UTF-8 instead of escapes."""

import gzip
from collections.abc import Callable

import orjson
import pytest

from foundation.accounts.models import User
from tests.support.factories import make_agent, make_version
from tests.support.http import Api

pytestmark = pytest.mark.once

PATHS = [
    *("health", "categories", "agents", "agents?q=caf\u00e9", "agents?limit=nonsense", "nothing"),
    *("agents/ada/coach", "agents/ada/coach/versions", "agents/ada/coach/versions/1.0.0"),
    *("agents/ada/coach/reviews", "users/ada", "users/nobody", "me", "openapi.json", "reports"),
    *("index/@ada/coach.json", "agents/ada/coach/versions/9.9.9/tarball", "api/auth/device/code"),
]


def is_packed(body: bytes) -> bool:
    return orjson.dumps(orjson.loads(body)) == body


@pytest.mark.parametrize("path", PATHS)
def test_json_of_the_api_is_packed(api: Api, ada: User, path: str) -> None:
    make_version(
        make_agent(ada, "coach", tagline="Caf\u00e9 \u6f22\u5b57 \U0001f980", display_name="\u00c4")
    )

    response = api.get(f"/v1/{path}")

    assert response.headers["Content-Type"] == "application/json"
    assert is_packed(response.content), response.content[:200]
    assert b"\\u" not in response.content


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/agent.schema.json"])
def test_other_json_is_packed(api: Api, db: None, path: str) -> None:
    assert is_packed(api.get(path).content)


def test_answers_to_writes_are_packed(api: Api, ada: User, key_for: Callable[..., str]) -> None:
    answers = [
        api.post("/v1/api/auth/device/code", {"client_id": "clawstore-cli"}),
        api.post("/v1/api/auth/device/token", {"client_id": "x"}),
        api.post("/v1/updates", {"installs": []}),
        api.post("/v1/agents/publish", {}, key=key_for(ada, "agents:publish")),
    ]

    assert [is_packed(answer.content) for answer in answers] == [True] * 4


def test_large_public_json_is_compressed_for_clients_that_accept_it(api: Api, ada: User) -> None:
    for number in range(12):
        make_version(make_agent(ada, f"coach-{number}", tagline="Plans a day " * 10))
    listing, account = "/v1/agents?limit=100", "/v1/agents/ada/coach-1"
    plain = api.get(listing)

    response = api.get(listing, **{"Accept-Encoding": "br, gzip"})
    etag = response.headers["ETag"]
    not_modified = api.get(listing, **{"Accept-Encoding": "gzip", "If-None-Match": etag})

    assert gzip.decompress(response.content) == plain.content
    assert int(response.headers["Content-Length"]) == len(response.content) < len(plain.content) / 2
    assert "Content-Encoding" not in plain.headers
    assert plain.headers["ETag"] == etag
    assert [r.headers["Vary"] for r in (plain, response, not_modified)] == ["Accept-Encoding"] * 3
    assert not_modified.status_code == 304
    for path, coding in ((listing, "gzip;q=0"), (listing, "identity"), (account, "gzip")):
        answer = api.get(path, **{"Accept-Encoding": coding})
        assert "Content-Encoding" not in answer.headers
        assert answer.headers["Vary"] == "Accept-Encoding"

"""Scripts of other sites read the public API, and nothing personal."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from foundation.accounts.models import User
from tests.support.factories import make_agent
from tests.support.http import Api

pytestmark = pytest.mark.once

ORIGIN = "Access-Control-Allow-Origin"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/agents", 200),
        ("/v1/agents/ada/coach", 200),
        ("/v1/index/@ada/coach.json", 200),
        ("/v1/openapi.json", 200),
        ("/feeds/@ada.atom", 200),
        ("/v1/agents/nobody/nothing", 404),
        ("/v1/nothing", 404),
        ("/v1/agents?limit=0", 400),
    ],
)
def test_other_sites_may_read_the_public_api(
    client: Client, ada: User, path: str, status: int
) -> None:
    make_agent(ada, "coach", is_listed=True)

    for response in (client.get(path), client.head(path)):
        assert (response.status_code, response[ORIGIN]) == (status, "*")
        assert "Content-Range" in response["Access-Control-Expose-Headers"]
        assert "Access-Control-Allow-Credentials" not in response


def test_other_sites_may_read_that_nothing_changed(client: Client, db: None) -> None:
    etag = client.get("/v1/agents")["ETag"]

    response = client.get("/v1/agents", headers={"If-None-Match": etag})

    assert (response.status_code, response[ORIGIN]) == (304, "*")


def test_other_sites_may_ask_for_updates(api: Api, db: None) -> None:
    assert api.post("/v1/updates", {"installs": []})[ORIGIN] == "*"


def test_other_sites_get_nothing_personal(
    client: Client, ada: User, api: Api, key_for: Callable[..., str]
) -> None:
    assert ORIGIN not in client.get("/agents")
    assert ORIGIN not in api.get("/v1/me", key=key_for(ada, "read"))
    assert ORIGIN not in api.post("/v1/reports", {})
    client.force_login(ada)
    assert ORIGIN not in client.get("/v1/agents")


def preflight(client: Client, path: str, method: str, headers: str = "") -> Any:
    questions = {"Origin": "https://other.example", "Access-Control-Request-Method": method}
    return client.options(path, headers=questions | {"Access-Control-Request-Headers": headers})


@pytest.mark.parametrize("path", ["/v1/agents", "/v1/agents/a/b/versions/1.0.0/tarball", "/v1/x"])
def test_preflight_of_a_read_is_answered(client: Client, db: None, path: str) -> None:
    response = preflight(client, path, "GET", "if-none-match,range")

    assert (response.status_code, response.content) == (204, b"")
    assert response["Access-Control-Allow-Methods"] == "GET, HEAD"
    allowed_headers = response["Access-Control-Allow-Headers"].lower().split(", ")
    assert {"if-none-match", "range", "if-range", "content-type"} <= set(allowed_headers)
    assert "authorization" not in allowed_headers


def test_preflight_allows_no_write(client: Client, db: None) -> None:
    publish = preflight(client, "/v1/agents/publish", "POST", "authorization")
    assert "POST" not in publish["Access-Control-Allow-Methods"]
    updates = preflight(client, "/v1/updates", "POST", "content-type")
    assert updates["Access-Control-Allow-Methods"] == "GET, HEAD, POST"
    assert ORIGIN not in preflight(client, "/agents", "GET")
    # Without the question of a browser it is an unknown method.
    assert client.options("/v1/agents").status_code == 405

"""Every error under /v1 has the envelope and the right code."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.test.utils import override_settings

from foundation.accounts.models import User
from tests.support.http import Api

pytestmark = pytest.mark.once

INTERNAL = "internal_error"


def refused(answer: Any) -> tuple[int, str]:
    """Status and code of a response that must be an envelope and nothing else."""
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    assert body.keys() == {"error"}
    assert int(answer.get("Content-Length", len(answer.content))) == len(answer.content)
    optional = {"details", "remediation"}
    assert {"code", "message"} <= body["error"].keys() <= {"code", "message"} | optional
    assert all(isinstance(body["error"][key], str) for key in body["error"].keys() - {"details"})
    assert body["error"]["message"]
    return answer.status_code, body["error"]["code"]


@pytest.mark.parametrize(
    "path",
    [
        "/v1",
        "/v1/",
        "/v1/nothing",
        "/v1/agents/",
        "/v1/agents/ada",
        "/v1/agents/ada/",
        "/v1/agents/ada/planner/",
        "/v1/agents/ada/planner/versions/1.0.0/nothing",
        "/v1/nothing/%F0%9F%98%80",
        "/v1//agents",
        "/api",
        "/api/auth/nothing",
        "/v1/%ff%fe",
    ],
)
def test_unknown_address_is_not_found(api: Api, path: str) -> None:
    for method in ("get", "post", "put", "delete", "patch", "options"):
        answer = getattr(api.client, method)(path)

        assert (method, refused(answer)) == (method, (404, "not_found"))


@pytest.mark.parametrize(
    ("method", "path", "methods"),
    [
        ("post", "/v1/agents", "GET"),
        ("patch", "/v1/agents", "GET"),
        ("options", "/v1/agents", "GET"),
        ("delete", "/v1/agents/ada/planner", "GET"),
        ("put", "/v1/agents/publish", "GET, POST"),
        ("get", "/v1/updates", "POST"),
        ("get", "/v1/agents/ada/planner/versions/1.0.0/yank", "POST"),
        ("post", "/v1/agents/ada/planner/versions/1.0.0/tarball", "GET"),
        ("post", "/v1/health", "GET"),
        ("patch", "/v1/me", "GET"),
        ("get", "/v1/users/ada/profile", "PUT"),
        ("trace", "/v1/health", "GET"),
    ],
)
def test_wrong_method_is_refused_in_the_envelope(
    api: Api, method: str, path: str, methods: str
) -> None:
    answer = getattr(api.client, method)(path)

    assert refused(answer) == (405, "method_not_allowed")
    assert set(answer["Allow"].split(", ")) >= set(methods.split(", ")[-1:])


@pytest.mark.parametrize("path", ["/api/auth/device/code", "/v1/api/auth/device/token"])
@pytest.mark.parametrize("method", ["get", "put", "options"])
def test_wrong_method_at_the_device_login_has_the_oauth_format(
    api: Api, path: str, method: str
) -> None:
    answer = getattr(api.client, method)(path)

    assert answer.status_code == 405
    assert answer["Allow"] == "POST"
    assert answer.json().keys() == {"error", "error_description"}
    assert answer.json()["error"] == "invalid_request"


@pytest.mark.parametrize(
    "path",
    [
        "/v1/agents/a%00b/c",
        "/v1/agents?q=%00",
        "/v1/agents?q=a%00b",
        "/v1/agents?%00=1",
        "/v1/users/%00",
    ],
)
def test_nul_character_in_the_address_is_refused(api: Api, path: str) -> None:
    assert refused(api.get(path)) == (400, "invalid_parameter")


def test_unknown_host_is_refused_in_the_envelope(api: Api) -> None:
    assert refused(api.get("/v1/health", host="evil.example"))[0] == 400


def test_internal_error_has_no_details(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any) -> None:
        raise RuntimeError("SELECT secret FROM table")

    monkeypatch.setattr("registry.agents.api.list_categories", broken)
    answer = Client(raise_request_exception=False).get("/v1/categories")

    assert refused(answer) == (500, INTERNAL)
    assert "SELECT" not in answer.content.decode()


BODIES: list[tuple[bytes, tuple[int, str]]] = [
    (b"", (422, "invalid_body")),
    (b"{", (400, "invalid_json")),
    (b"{'installs': []}", (400, "invalid_json")),
    (b'{"installs": [NaN]}', (400, "invalid_json")),
    (b"\xff\xfe", (400, "invalid_json")),
    (b'"\\ud800"', (400, "invalid_json")),
    (b"[" * 100_000, (400, "invalid_json")),
    (b'{"installs":' + b"[" * 2000 + b"]" * 2000 + b"}", (400, "invalid_json")),
    (b"[]", (422, "invalid_body")),
    (b"null", (422, "invalid_body")),
    (b"5", (422, "invalid_body")),
    (b'"text"', (422, "invalid_body")),
    (b"true", (422, "invalid_body")),
    (b"{}", (422, "invalid_body")),
    (b'{"installs": null}', (422, "invalid_body")),
    (b'{"installs": {}}', (422, "invalid_body")),
    (b'{"installs": [[]]}', (422, "invalid_body")),
    (b'{"installs": [null]}', (422, "invalid_body")),
    (b'{"installs": [{"id": 5, "version": "1.0.0"}]}', (422, "invalid_body")),
    (b'{"installs": [{"id": "@a/b"}]}', (422, "invalid_body")),
    (b'{"installs": [{"id": "@a/b", "version": 1}]}', (422, "invalid_body")),
]


@pytest.mark.parametrize(("body", "outcome"), BODIES, ids=[repr(b[:30]) for b, _ in BODIES])
def test_invalid_json_and_a_wrong_shape_are_refused(
    api: Api, body: bytes, outcome: tuple[int, str]
) -> None:
    answer = api.post("/v1/updates", body)

    assert refused(answer) == outcome
    if outcome[0] == 422:
        for error in answer.json()["error"]["details"]["errors"]:
            assert error.keys() == {"path", "message"}


def test_large_body_is_refused(api: Api) -> None:
    body = b'{"installs": [], "more": "' + b"x" * (3 * 1024 * 1024) + b'"}'

    assert refused(api.post("/v1/updates", body))[0] == 413


def test_refusal_names_the_invalid_parameter(api: Api) -> None:
    for path in ("/v1/agents?limit=1.5", "/v1/agents?sort=best", "/v1/agents?cursor=x"):
        assert refused(api.get(path)) == (400, "invalid_parameter")


def test_missing_and_invalid_credentials_are_401(api: Api) -> None:
    for key in ("", "claw_dead", "nonsense", "claw_" + "x" * 5000):
        answer = api.get("/v1/me", key=key)
        assert refused(answer) == (401, "unauthorized")
        assert answer["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "bearer x", "Basic YTpi", "claw_x", "", "Bearer\tx", "Bearer  x"],
)
def test_no_authorization_header_causes_an_error(api: Api, header: str) -> None:
    assert refused(api.get("/v1/me", authorization=header)) == (401, "unauthorized")
    assert api.get("/v1/agents", authorization=header).status_code == 200


def test_session_needs_a_csrf_token_and_key_does_not(
    api: Api, ada: User, key_for: Callable[..., str]
) -> None:
    key = key_for(ada, "profile:write")
    assert api.put("/v1/users/ada/profile", {"bio": "x"}, key=key).status_code == 200

    api.client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    answer = api.put("/v1/users/ada/profile", {"bio": "forged"})

    assert refused(answer) == (403, "csrf_failed")
    ada.profile.refresh_from_db()
    assert ada.profile.bio == "x"


def test_session_with_its_csrf_token_may_write(api: Api, ada: User) -> None:
    api.client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    api.client.cookies["csrftoken"] = token = "a" * 32

    answer = api.put("/v1/users/ada/profile", {"bio": "mine"}, x_csrftoken=token)

    assert answer.status_code == 200
    assert api.get("/v1/me").json()["profile"]["bio"] == "mine"


def test_key_takes_precedence_over_the_session(
    api: Api, ada: User, grace: User, key_for: Callable[..., str]
) -> None:
    api.client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")

    assert api.get("/v1/me", key=key_for(grace, "read")).json()["scope"] == "grace"
    assert refused(api.get("/v1/me", key="claw_dead")) == (401, "unauthorized")


@override_settings(APPEND_SLASH=False)
def test_nothing_under_v1_is_redirected(api: Api) -> None:
    for path in ("/v1", "/v1/agents/", "/v1/me/"):
        assert api.post(path).status_code == 404


def test_every_response_has_the_request_id(api: Api) -> None:
    request_id = api.get("/v1/health")["X-Request-ID"]
    assert len(request_id) == 32
    assert api.get("/v1/health", x_request_id="mine-12345")["X-Request-ID"] == "mine-12345"
    for bad in ("short", "x" * 65, "with space", "new\tline", "<script>"):
        assert len(api.get("/v1/health", x_request_id=bad)["X-Request-ID"]) == 32


def test_head_is_a_get_without_a_body(api: Api) -> None:
    for path in ("/v1/health", "/v1/agents", "/v1/nothing", "/v1/agents?limit=0"):
        full, bare = api.get(path), api.head(path)
        assert (bare.status_code, bare.content) == (full.status_code, b"")
        assert bare["Content-Type"] == full["Content-Type"]
        assert bare["Content-Length"] == str(len(full.content))


def test_openapi_page_loads_nothing_from_another_host(api: Api, settings: Any) -> None:
    document = api.get("/v1/openapi.json").json()

    assert document["openapi"].startswith("3.1")
    assert "/v1/agents/publish" in document["paths"]
    page = api.get("/v1/docs")
    assert page.status_code == 200
    addresses = re.findall(rb'(?:src|href)="([^"]*)"', page.content)
    assert addresses
    allowed_beginnings = (b"/", b"#", settings.BASE_URL.encode())
    assert [address for address in addresses if not address.startswith(allowed_beginnings)] == []

"""The device login (RFC 8628): codes, polling, key and page."""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client

from foundation.access import actions
from foundation.access.actions import (
    decide_device_login,
    delete_expired_device_logins,
    poll_device_login,
    start_device_login,
)
from foundation.access.errors import DeviceGrantRefused
from foundation.access.models import ApiKey, DeviceLogin
from foundation.accounts.models import User
from foundation.actor import ANONYMOUS, Actor
from foundation.audit.models import AuditLog
from foundation.clock import now
from foundation.refusals import InsufficientScope, Unauthenticated
from tests.support.http import Api

CODE = "/api/auth/device/code"
TOKEN = "/api/auth/device/token"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"
CLIENT = "clawstore-cli"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock ahead by a number of seconds."""
    creation_time = now()

    def ahead(seconds: float) -> None:
        monkeypatch.setattr(actions, "now", lambda: creation_time + timedelta(seconds=seconds))

    ahead(0)
    return ahead


def start(api: Api, path: str = CODE) -> dict[str, Any]:
    answer = api.post(path, {"client_id": CLIENT})
    assert answer.status_code == 200, answer.content
    codes: dict[str, Any] = answer.json()
    return codes


def poll(api: Api, device_code: str, *, path: str = TOKEN, client_id: str = CLIENT) -> Any:
    body = {"grant_type": GRANT, "device_code": device_code, "client_id": client_id}
    return api.post(path, body)


def oauth_error(answer: Any) -> tuple[int, str]:
    body = answer.json()
    assert body.keys() == {"error", "error_description"}
    assert body["error_description"]
    return answer.status_code, body["error"]


@pytest.mark.parametrize(
    "prefix", ["/api/auth/device", "/v1/api/auth/device", "/v1//api/auth/device"]
)
def test_approved_device_gets_a_working_key(
    api: Api, ada: User, as_ada: Actor, clock: Callable[[float], None], prefix: str
) -> None:
    codes = start(api, f"{prefix}/code")
    assert codes == {
        "device_code": codes["device_code"],
        "user_code": codes["user_code"],
        "verification_uri": "http://127.0.0.1:8000/device",
        "verification_uri_complete": f"http://127.0.0.1:8000/device?user_code={codes['user_code']}",
        "expires_in": 600,
        "interval": 5,
    }
    pending = poll(api, codes["device_code"], path=f"{prefix}/token")
    assert oauth_error(pending) == (400, "authorization_pending")
    decide_device_login(codes["user_code"], approve=True, by=as_ada)

    clock(5)
    token = poll(api, codes["device_code"], path=f"{prefix}/token").json()

    assert token == {
        "access_token": token["access_token"],
        "token_type": "Bearer",
        "expires_in": token["expires_in"],
        "scope": "read agents:publish agents:yank reviews:write profile:write reports:write",
    }
    assert abs(token["expires_in"] - 90 * 24 * 3600) < 60
    assert api.get("/v1/me", key=token["access_token"]).json()["scope"] == "ada"
    key = ApiKey.objects.get()
    assert (key.created_by_id, key.name) == (ada.pk, "Device login: clawstore-cli")
    assert oauth_error(poll(api, codes["device_code"])) == (400, "invalid_grant")
    assert ApiKey.objects.count() == 1
    actions_done = AuditLog.objects.filter(user=ada).values_list("action", flat=True)
    assert {"device_login.approved", "api_key.created"} <= set(actions_done)


@pytest.mark.once
def test_user_code_is_easy_to_read(api: Api) -> None:
    codes = [start(api)["user_code"] for _ in range(20)]

    assert len(set(codes)) == 20
    for code in codes:
        assert len(code.replace("-", "")) == 8
        assert set(code) <= set("BCDFGHJKMNPQRTVWXY346789-")


def test_codes_are_stored_as_digests(api: Api) -> None:
    codes = start(api)

    row = DeviceLogin.objects.values().get()
    assert row["device_code_hash"] == hashlib.sha256(codes["device_code"].encode()).hexdigest()
    plain = codes["user_code"].replace("-", "")
    assert row["user_code_hash"] == hashlib.sha256(plain.encode()).hexdigest()
    for secret in (codes["device_code"], codes["user_code"], plain):
        assert secret not in str(row)


@pytest.mark.once
def test_form_body_is_accepted(api: Api, as_ada: Actor) -> None:
    kind = "application/x-www-form-urlencoded"
    codes = api.post(CODE, urlencode({"client_id": CLIENT}), content_type=kind).json()
    decide_device_login(codes["user_code"], approve=True, by=as_ada)

    form = {"grant_type": GRANT, "device_code": codes["device_code"], "client_id": CLIENT}
    answer = api.post(TOKEN, urlencode(form), content_type=kind)

    assert answer.json()["token_type"] == "Bearer"


@pytest.mark.once
def test_client_that_polls_too_fast_is_slowed_down(
    api: Api, clock: Callable[[float], None]
) -> None:
    code = start(api)["device_code"]

    answers = []
    for seconds in (0, 1, 2, 6.5, 12, 13):
        clock(seconds)
        answers.append(oauth_error(poll(api, code))[1])

    assert answers == [
        "authorization_pending",
        "slow_down",
        "slow_down",
        "authorization_pending",
        "authorization_pending",
        "slow_down",
    ]


@pytest.mark.once
def test_approved_code_expires(api: Api, as_ada: Actor, clock: Callable[[float], None]) -> None:
    pending, approved_code = start(api), start(api)
    decide_device_login(approved_code["user_code"], approve=True, by=as_ada)
    clock(600)

    for codes in (pending, approved_code):
        assert oauth_error(poll(api, codes["device_code"])) == (400, "expired_token")
    assert ApiKey.objects.count() == 0


@pytest.mark.once
def test_denied_device_gets_access_denied(api: Api, as_ada: Actor) -> None:
    codes = start(api)
    decide_device_login(codes["user_code"], approve=False, by=as_ada)

    for _ in range(2):
        assert oauth_error(poll(api, codes["device_code"])) == (400, "access_denied")
    assert ApiKey.objects.count() == 0


@pytest.mark.once
@pytest.mark.parametrize("client_id", ["other", "CLAWSTORE-CLI", "clawstore-cli "])
def test_device_code_belongs_to_its_client(api: Api, as_ada: Actor, client_id: str) -> None:
    codes = start(api)
    decide_device_login(codes["user_code"], approve=True, by=as_ada)

    answer = poll(api, codes["device_code"], client_id=client_id)

    assert oauth_error(answer) == (400, "invalid_grant")
    assert poll(api, codes["device_code"]).status_code == 200


def test_long_client_id_is_accepted_at_both_endpoints(api: Api, as_ada: Actor) -> None:
    long = "c" * 300
    codes = api.post(CODE, {"client_id": long}).json()
    decide_device_login(codes["user_code"], approve=True, by=as_ada)

    assert poll(api, codes["device_code"], client_id=long).status_code == 200


@pytest.mark.once
def test_user_code_is_not_accepted_as_device_code(api: Api, as_ada: Actor) -> None:
    codes = start(api)
    decide_device_login(codes["user_code"], approve=True, by=as_ada)

    assert oauth_error(poll(api, codes["user_code"])) == (400, "invalid_grant")


@pytest.mark.once
def test_inactive_user_gets_no_key(api: Api, ada: User, as_ada: Actor) -> None:
    codes = start(api)
    decide_device_login(codes["user_code"], approve=True, by=as_ada)
    User.objects.filter(pk=ada.pk).update(is_active=False)

    assert oauth_error(poll(api, codes["device_code"])) == (400, "invalid_grant")
    assert ApiKey.objects.count() == 0


@pytest.mark.once
@pytest.mark.parametrize("path", [CODE, TOKEN])
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"null", "application/json"),
        (b"[" * 60_000, "application/json"),
        (b"{}", "application/json"),
        (b'{"client_id": 5}', "application/json"),
        (b'{"client_id": ""}', "application/json"),
        (b'{"client_id": "a\\u0000b"}', "application/json"),
        (b'{"client_id": "' + b"x" * 513 + b'"}', "application/json"),
        (b"", "application/x-www-form-urlencoded"),
        (b"client_id=", "application/x-www-form-urlencoded"),
        (b"client_id=%00", "application/x-www-form-urlencoded"),
        (b"&".join([b"a=b"] * 200), "application/x-www-form-urlencoded"),
        (b"client_id=x", "text/plain"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"--x\r\n", "multipart/form-data"),
        (b"", ""),
    ],
)
def test_invalid_body_is_refused(api: Api, path: str, body: bytes, kind: str) -> None:
    answer = api.client.generic("POST", path, body, kind)

    status, error = oauth_error(answer)
    assert status == 400
    assert error in {"invalid_request", "malformed"}
    assert DeviceLogin.objects.count() == 0


@pytest.mark.once
def test_large_body_is_refused(api: Api) -> None:
    answer = api.post(CODE, b'{"client_id": "' + b"x" * 3 * 1024 * 1024 + b'"}')

    assert oauth_error(answer)[0] == 413


@pytest.mark.once
def test_other_grant_types_are_refused(api: Api) -> None:
    body = {"grant_type": "password", "device_code": "x", "client_id": CLIENT}

    assert oauth_error(api.post(TOKEN, body)) == (400, "unsupported_grant_type")


@pytest.mark.once
def test_polling_is_rate_limited(api: Api, limits_on: None) -> None:
    answers = [poll(api, "unknown") for _ in range(101)]

    assert {oauth_error(answer) for answer in answers[:100]} == {(400, "invalid_grant")}
    assert oauth_error(answers[100]) == (429, "rate_limited")
    assert int(answers[100]["Retry-After"]) > 0


@pytest.mark.once
def test_codes_are_not_cached(api: Api) -> None:
    assert "no-store" in api.post(CODE, {"client_id": CLIENT})["Cache-Control"]
    assert "no-store" in poll(api, "x")["Cache-Control"]


@pytest.mark.once
def test_key_may_not_approve_a_device(api: Api, ada: User) -> None:
    codes = start(api)
    by_key = Actor(user=ada, scopes=frozenset({"read", "profile:write"}), door="api")

    for by, refusal in ((by_key, InsufficientScope), (ANONYMOUS, Unauthenticated)):
        with pytest.raises(refusal):
            decide_device_login(codes["user_code"], approve=True, by=by)
    assert oauth_error(poll(api, codes["device_code"])) == (400, "authorization_pending")


def test_old_codes_are_deleted(api: Api, clock: Callable[[float], None]) -> None:
    codes = start(api)
    clock(600 + 23 * 3600)
    assert delete_expired_device_logins() == 0
    assert oauth_error(poll(api, codes["device_code"])) == (400, "expired_token")
    clock(601 + 24 * 3600)
    assert delete_expired_device_logins() == 1


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_of_many_concurrent_polls_gets_the_key(ada: User) -> None:
    codes = start_device_login(client_id=CLIENT, requested_from="10.0.0.1", user_agent="x")
    decide_device_login(codes.user_code, approve=True, by=Actor(user=ada))
    barrier = Barrier(6)
    won: list[str] = []
    failures: list[str] = []

    def ask() -> None:
        barrier.wait()
        try:
            won.append(poll_device_login(codes.device_code, client_id=CLIENT, by=ANONYMOUS)[1])
        except DeviceGrantRefused as refusal:
            failures.append(refusal.code)
        finally:
            connection.close()

    threads = [Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(won), failures) == (1, ["invalid_grant"] * 5)
    assert ApiKey.objects.count() == 1


# --- The page --------------------------------------------------------------------------------


@pytest.fixture
def browser(ada: User) -> Client:
    """A client signed in as Ada that checks CSRF tokens."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.once
def test_approval_needs_the_csrf_token(api: Api, browser: Client) -> None:
    codes = start(api)
    form = {"user_code": codes["user_code"], "decision": "approve"}

    assert browser.post("/device", form).status_code == 403
    assert oauth_error(poll(api, codes["device_code"])) == (400, "authorization_pending")


@pytest.mark.once
def test_approval_page_names_the_client_and_approves(api: Api, browser: Client) -> None:
    codes = start(api)
    page = browser.get("/device", {"user_code": codes["user_code"].lower().replace("-", " ")})
    assert page.status_code == 200
    for secret in (b"clawstore-cli", b"127.0.0.1", b"ada"):
        assert secret in page.content
    assert oauth_error(poll(api, codes["device_code"])) == (400, "authorization_pending")

    token = browser.cookies["csrftoken"].value
    form = {
        "user_code": codes["user_code"],
        "decision": "approve",
        "csrfmiddlewaretoken": token,
    }
    assert browser.post("/device", form).status_code == 302
    assert poll(api, codes["device_code"]).status_code == 200
    assert browser.post("/device", form).status_code == 404


@pytest.mark.once
@pytest.mark.parametrize("code", ["BCDF-GHJK", "", "x" * 4000, "🦞", "<script>", "%00"])
def test_unknown_code_is_refused(browser: Client, code: str) -> None:
    page = browser.get(f"/device?user_code={code}")

    assert page.status_code in {200, 400, 404}
    assert b"<script>" not in page.content


@pytest.mark.once
def test_approval_page_needs_a_session(api: Api) -> None:
    codes = start(api)

    page = api.client.get("/device", {"user_code": codes["user_code"]})

    assert page.status_code == 302
    assert page["Location"].startswith("/signin?next=")


@pytest.mark.once
def test_unknown_decision_denies_the_device(api: Api, ada: User) -> None:
    client = Client()
    client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    codes = start(api)

    client.post("/device", {"user_code": codes["user_code"], "decision": "APPROVE"})

    assert oauth_error(poll(api, codes["device_code"])) == (400, "access_denied")

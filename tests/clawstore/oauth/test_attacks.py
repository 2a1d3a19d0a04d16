"""Attacks on the sign-in of apps. Each leaves the attacker with nothing."""

import re
from datetime import timedelta
from typing import Any

import pytest
from allauth.idp.oidc.models import Client as Registration
from allauth.idp.oidc.models import Token
from django.conf import settings
from django.contrib import admin
from django.test import Client, override_settings

from foundation.access.jobs import delete_expired
from foundation.access.models import AuthorizationCode, ConnectedApp, ReplacedToken
from foundation.access.oauth import clients
from foundation.audit.models import AuditLog
from foundation.clock import now
from foundation.jobs.models import Job
from tests.clawstore.oauth.conftest import CALLBACK, App, challenge_of, fields_of
from tests.support.http import Api

pytestmark = pytest.mark.once
EVIL = "https://evil.example/callback"


def is_alive(api: Api, token: str) -> bool:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    return api.post("/mcp", body, key=token, mcp_protocol_version="2025-11-25").status_code == 200


def error_of(response: Any) -> str:
    assert response.status_code == 400, response.content
    return str(response.json()["error"])


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "w" * 43},
        {"code_verifier": None},
        {"code_verifier": challenge_of("v" * 43)},
        {"redirect_uri": EVIL},
        {"redirect_uri": None},
        {"redirect_uri": CALLBACK + "?a=1"},
        {"resource": None},
        {"resource": "https://other.example/mcp"},
        {"resource": "http://127.0.0.1:8000/v1"},
        {"client_id": None},
        {"client_id": "nobody"},
        {"code": "a\0b"},
        {"grant_type": "password"},
        {"grant_type": "client_credentials"},
        {"grant_type": ["authorization_code", "refresh_token"]},
    ],
)
def test_stolen_code_is_worth_nothing(
    app: App, ada_client: Client, changes: dict[str, Any]
) -> None:
    answer: Any = app.exchange(app.code(ada_client), **changes)

    assert answer.status_code in (400, 401)
    assert "access_token" not in answer.json()
    assert not Token.objects.exists()


def test_code_is_bound_to_its_app(app: App, ada_client: Client) -> None:
    thief = App(client_name="Thief")

    assert error_of(thief.exchange(app.code(ada_client))) == "invalid_grant"


def test_second_use_of_a_code_ends_the_tokens(app: App, api: Api, ada_client: Client) -> None:
    code = app.code(ada_client)
    tokens: Any = app.exchange(code).json()

    assert error_of(app.exchange(code)) == "invalid_grant"

    assert not is_alive(api, tokens["access_token"])
    assert error_of(app.refresh(tokens["refresh_token"])) == "invalid_grant"
    assert AuditLog.objects.filter(action="connected_app.stolen").count() == 1


def test_code_expires(app: App, ada_client: Client) -> None:
    code = app.code(ada_client)
    AuthorizationCode.objects.update(expires_at=now() - timedelta(seconds=1))

    assert error_of(app.exchange(code)) == "invalid_grant"


def test_injected_code_fails_at_the_verifier_of_the_victim(
    app: App, ada_client: Client, grace_client: Client
) -> None:
    """An attacker's code in the victim's session does not sign in the victim's app."""
    of_attacker = app.code(grace_client, code_challenge=challenge_of("a" * 43))

    assert error_of(app.exchange(of_attacker, code_verifier="b" * 43)) == "invalid_grant"
    assert fields_of(app.decide(ada_client))["iss"] == settings.BASE_URL


def test_replayed_refresh_token_ends_the_connection(app: App, api: Api, ada_client: Client) -> None:
    first = app.tokens(ada_client)
    second: Any = app.refresh(first["refresh_token"]).json()

    assert error_of(app.refresh(first["refresh_token"])) == "invalid_grant"

    assert not is_alive(api, second["access_token"])
    assert error_of(app.refresh(second["refresh_token"])) == "invalid_grant"
    assert not ConnectedApp.objects.exists()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"resource": None}, "invalid_target"),
        ({"resource": "https://other.example/mcp"}, "invalid_target"),
        ({"scope": "read agents:publish"}, "invalid_scope"),
        ({"client_id": "nobody"}, "invalid_client"),
    ],
)
def test_refresh_gives_no_more_than_was_granted(
    app: App, ada_client: Client, changes: dict[str, Any], error: str
) -> None:
    token = app.tokens(ada_client, "read")["refresh_token"]

    answer: Any = app.refresh(token, **changes)

    assert (answer.status_code in (400, 401), answer.json()["error"]) == (True, error)
    assert app.refresh(token).status_code == 200


def test_token_of_another_resource_is_refused(app: App, api: Api, ada_client: Client) -> None:
    token = app.tokens(ada_client)["access_token"]
    row = Token.objects.get(type=Token.Type.ACCESS_TOKEN)
    for resources in ([], ["https://other.example/mcp"], [settings.OAUTH_RESOURCE, EVIL]):
        row.set_resources(resources)
        row.save()
        assert not is_alive(api, token)


def test_tokens_of_apps_are_for_mcp_alone(app: App, api: Api, ada_client: Client) -> None:
    tokens = app.tokens(ada_client)

    for token in (tokens["access_token"], tokens["refresh_token"]):
        assert api.get("/v1/whoami", key=token).status_code == 401
        assert api.get("/v1/me", key=token).status_code == 401
    assert not is_alive(api, tokens["refresh_token"])


def test_expired_token_is_a_challenge(app: App, api: Api, ada_client: Client) -> None:
    token = app.tokens(ada_client)["access_token"]
    Token.objects.update(expires_at=now() - timedelta(seconds=1))

    response = api.post("/mcp", {"jsonrpc": "2.0", "id": 1, "method": "ping"}, key=token)

    assert response.status_code == 401
    assert 'error="invalid_token"' in response["WWW-Authenticate"]


UNKNOWN_APP = [
    {"client_id": "nobody"},
    {"client_id": None},
    {"client_id": "a\0b"},
    {"redirect_uri": EVIL},
    {"redirect_uri": None},
    {"redirect_uri": CALLBACK + "/../evil"},
    {"redirect_uri": CALLBACK.replace("3117", "3118")},
    {"redirect_uri": [CALLBACK, EVIL]},
    {"client_id": ["x", "y"]},
    {"state": "x" * 3000},
]
WRONG_REQUEST = [
    {"response_type": "token"},
    {"response_type": "code id_token"},
    {"response_type": None},
    {"code_challenge": None},
    {"code_challenge_method": "plain"},
    {"code_challenge_method": None},
    {"code_challenge": "short"},
    {"resource": None},
    {"resource": "https://other.example/mcp"},
    {"resource": [settings.OAUTH_RESOURCE, EVIL]},
    {"scope": "reports:moderate"},
    {"scope": "read everything"},
    {"prompt": "none"},
    {"response_mode": "fragment"},
    {"request_uri": EVIL},
]


@pytest.mark.parametrize("changes", UNKNOWN_APP)
def test_unknown_app_or_address_gets_no_redirect(
    app: App, ada_client: Client, changes: dict[str, Any]
) -> None:
    for response in (ada_client.get(app.address(**changes)), app.decide(ada_client, **changes)):
        page = response.content.decode()
        assert response.status_code == 400
        assert "evil" not in page
        assert "Tell the app" not in page
    assert not AuthorizationCode.objects.exists()


@pytest.mark.parametrize("changes", WRONG_REQUEST)
def test_wrong_request_is_a_page_and_never_a_redirect(
    app: App, ada_client: Client, changes: dict[str, Any]
) -> None:
    """A redirect at once would make the shop an open redirect for strangers."""
    for response in (ada_client.get(app.address(**changes)), app.decide(ada_client, **changes)):
        assert response.status_code == 400
        [link] = re.findall(r'href="([^"]+)" rel="noreferrer nofollow"', response.content.decode())
        assert link.startswith(f"{CALLBACK}?error=")
        assert "state=s-1" in link
    assert not AuthorizationCode.objects.exists()


def test_consent_needs_the_token_of_the_form_and_a_session(app: App, ada_client: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = ada_client.cookies

    assert app.decide(strict).status_code == 403
    assert app.decide(Client()).status_code == 302
    assert not ConnectedApp.objects.exists()


def test_consent_page_is_not_framed_and_leads_to_its_app_alone(
    app: App, ada_client: Client
) -> None:
    response = ada_client.get(app.address())

    policy = response["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    [targets] = re.findall(r"form-action ([^;]+)", policy)
    assert targets.split() == ["'self'", settings.GITHUB_URL, "http://127.0.0.1:3117"]
    assert response["X-Frame-Options"] == "DENY"
    assert "no-store" in response["Cache-Control"]


def test_only_scopes_that_were_asked_for_can_be_granted(app: App, ada_client: Client) -> None:
    response = app.decide(ada_client, "read", "agents:publish")

    assert response.status_code == 422
    assert not ConnectedApp.objects.exists()


def test_maintainers_scopes_stay_with_keys(app: App, root_client: Client) -> None:
    page = root_client.get(app.address(scope=None)).content.decode()

    assert "agents:publish" in page
    assert "reports:moderate" not in page
    assert app.decide(root_client, "reports:moderate", scope=None).status_code == 422


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("Claw\u202eerots", "Clawerots"),
        ("x" * 5000, "x" * 100),
        ("\u200b\u2066", "unnamed"),
        ("a\r\nb\0c", "a bc"),
    ],
)
def test_name_of_an_app_is_plain_text(ada_client: Client, name: str, text: str) -> None:
    page = ada_client.get(App(client_name=name).address()).content.decode()

    assert f'<bdi class="app-name">{text}</bdi>' in page
    assert "<script>alert" not in page


@pytest.mark.parametrize(
    "uri",
    [
        "http://evil.example/callback",
        "http://localhost.evil.example/callback",
        "http://127.0.0.1@evil.example/",
        "javascript:alert(1)",
        "myapp://callback",
        "https://*.example.com/callback",
        "https://app.example/callback#fragment",
        "https://app.example/a b",
        "https://app.example;script-src/",
        "https:///callback",
        "//app.example/callback",
        "/callback",
        "",
        "https://app.example/\n",
        "https://app.example:99999/",
        "https://app.example/" + "x" * 500,
    ],
)
def test_redirect_uri_is_https_or_loopback(db: None, uri: str) -> None:
    registration = App(redirect_uris=[CALLBACK, uri]).registration

    assert error_of(registration) == "invalid_redirect_uri"
    assert not Registration.objects.exists()


@pytest.mark.parametrize(
    "uri", ["https://app.example/cb?x=1", "http://[::1]:80/", "http://localhost/"]
)
def test_plain_redirect_uri_is_registered(db: None, uri: str) -> None:
    assert App(redirect_uris=[uri]).registration.json()["redirect_uris"] == [uri]


@pytest.mark.parametrize(
    "metadata",
    [
        *([], "x", {"redirect_uris": []}, {"redirect_uris": CALLBACK}, {"redirect_uris": [1]}),
        {"redirect_uris": [CALLBACK] * 6},
        {"redirect_uris": [CALLBACK], "client_name": {}},
        {"redirect_uris": [CALLBACK], "scope": ["read"]},
    ],
)
def test_unreadable_registration_is_refused(api: Api, metadata: Any) -> None:
    assert error_of(api.post("/oauth/register", metadata)).startswith("invalid_")


def test_registration_gives_neither_a_secret_nor_other_grants(db: None) -> None:
    metadata = {
        "token_endpoint_auth_method": "client_secret_basic",
        "grant_types": ["client_credentials", "password", "implicit"],
        "response_types": ["token"],
        "scope": "read reports:moderate",
        "jwks_uri": "http://169.254.169.254/",
        "logo_uri": EVIL,
    }

    answer = App(**metadata).registration.json()

    assert answer["token_endpoint_auth_method"] == "none"
    assert answer["grant_types"] == ["authorization_code", "refresh_token"]
    assert (answer["response_types"], answer["scope"]) == (["code"], "read")
    assert not {"client_secret", "jwks_uri", "logo_uri"} & answer.keys()
    assert not Registration.objects.get().check_secret("!")


def test_floods_of_registrations_are_limited(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clients, "MAX_UNUSED_CLIENTS", 2)
    answers = [App().registration for _ in range(4)]
    assert [answer.status_code for answer in answers] == [201, 201, 503, 503]
    with override_settings(LIMITS_ON=True):
        statuses = [App().registration.status_code for _ in range(31)]

    assert statuses[-1] == 429
    assert Registration.objects.count() == 2


def test_unused_clients_and_dead_connections_are_deleted(
    app: App, ada_client: Client, grace_client: Client
) -> None:
    living_app, dead_app = App(client_name="Connected"), App(client_name="Expired")
    living_app.tokens(ada_client)
    of_grace = dead_app.tokens(grace_client)
    dead_app.refresh(of_grace["refresh_token"])
    day_ago = now() - timedelta(days=1, seconds=1)
    Registration.objects.update(created_at=day_ago)
    ConnectedApp.objects.update(granted_at=day_ago)
    Token.objects.filter(client=dead_app.client_id).update(expires_at=day_ago)
    ReplacedToken.objects.update(expires_at=day_ago)
    AuthorizationCode.objects.update(expires_at=day_ago)

    result = delete_expired(Job())

    assert (result["apps"], result["clients"]) == (1, 1)
    names = Registration.objects.order_by("name").values_list("name", flat=True)
    assert list(names) == ["Connected", "Expired"]
    assert [row.name for row in ConnectedApp.objects.all()] == ["Connected"]
    assert not AuthorizationCode.objects.exists()


def test_secrets_are_digests_in_the_database_and_not_at_the_desk(
    app: App, ada_client: Client
) -> None:
    code = app.code(ada_client)
    tokens: Any = app.exchange(code).json()
    app.refresh(tokens["refresh_token"])
    texts = [
        str(row)
        for model in (AuthorizationCode, ConnectedApp, ReplacedToken, Token, Registration, AuditLog)
        for row in model.objects.values()
    ]

    for secret in (code, tokens["access_token"], tokens["refresh_token"]):
        assert secret not in "".join(texts)
    assert not {Token, Registration} & admin.site._registry.keys()

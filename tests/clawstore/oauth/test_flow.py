"""Sign-in of an app from the challenge to a call, and its end."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from clawstore.key_scopes import NAMED_BY_CLIENTS_ALONE
from foundation.access.actions import create_key
from foundation.access.models import ConnectedApp
from foundation.accounts.models import User
from foundation.actor import Actor
from foundation.audit.models import AuditLog
from moderation.actions import suspend_account
from tests.clawstore.mcp.conftest import McpClient
from tests.clawstore.oauth.conftest import App, fields_of
from tests.support.factories import SYSTEM
from tests.support.http import Api

pytestmark = pytest.mark.once


@pytest.fixture
def mcp(api: Api) -> McpClient:
    return McpClient(api)


def call(mcp: McpClient, tool: str, token: str = "", **arguments: Any) -> Any:
    params = {"name": tool, "arguments": arguments}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    return mcp.post(body, key=token)


def test_challenge_leads_to_the_endpoints(mcp: McpClient, api: Api) -> None:
    response = call(mcp, "post_review", agent="@ada/coach", rating=5)

    assert response.status_code == 401
    [metadata] = [part for part in response["WWW-Authenticate"].split('"') if "well-known" in part]
    resource = api.get(metadata.removeprefix(settings.BASE_URL)).json()
    assert resource["resource"] == settings.OAUTH_RESOURCE
    assert "agents:publish" in resource["scopes_supported"]
    assert not NAMED_BY_CLIENTS_ALONE & set(resource["scopes_supported"])
    [issuer] = resource["authorization_servers"]
    server = api.get("/.well-known/oauth-authorization-server").json()
    assert server["issuer"] == issuer == settings.BASE_URL
    assert server["code_challenge_methods_supported"] == ["S256"]
    assert server["token_endpoint_auth_methods_supported"] == ["none"]
    assert set(server["scopes_supported"]) > NAMED_BY_CLIENTS_ALONE
    assert "reports:moderate" not in server["scopes_supported"]
    for name in ("authorization", "token", "registration", "revocation"):
        path = server[f"{name}_endpoint"].removeprefix(settings.BASE_URL)
        assert api.get(path).status_code in (400, 405)


def test_anonymous_reads_stay_possible(mcp: McpClient) -> None:
    assert call(mcp, "search_agents").status_code == 200
    assert call(mcp, "whoami").json()["result"]["structuredContent"]["actor"] == "anonymous"


def test_app_acts_with_what_its_user_granted(
    app: App, mcp: McpClient, ada_client: Client, ada: User
) -> None:
    page = ada_client.get(app.address()).content.decode()
    assert "Desk lamp" in page
    assert "127.0.0.1:3117" in page
    answer = fields_of(app.decide(ada_client, "read"))
    assert (answer["state"], answer["iss"]) == ("s-1", settings.BASE_URL)

    tokens: Any = app.exchange(answer["code"]).json()

    assert (tokens["token_type"], tokens["scope"], tokens["expires_in"]) == ("Bearer", "read", 3600)
    rights = call(mcp, "whoami", tokens["access_token"]).json()["result"]["structuredContent"]
    assert (rights["actor"]["login"], rights["scopes"]) == (ada.username, ["read"])
    assert "post_review" not in mcp.tools(key=tokens["access_token"])


def test_missing_scope_is_a_challenge_for_apps_alone(
    app: App, mcp: McpClient, ada_client: Client, ada: User
) -> None:
    token = app.tokens(ada_client, "read")["access_token"]
    _key, raw = create_key(ada, name="k", scopes=["read"], by=SYSTEM)

    of_app = call(mcp, "follow", token, kind="agents", target="ada/coach")
    of_key = call(mcp, "follow", raw, kind="agents", target="ada/coach")

    assert of_app.status_code == 403
    assert 'error="insufficient_scope"' in of_app["WWW-Authenticate"]
    assert 'scope="following:write read"' in of_app["WWW-Authenticate"]
    assert (of_key.status_code, of_key.json()["result"]["isError"]) == (200, True)


def test_refresh_replaces_both_tokens(app: App, mcp: McpClient, ada_client: Client) -> None:
    first = app.tokens(ada_client)

    second: Any = app.refresh(first["refresh_token"]).json()

    assert second["refresh_token"] != first["refresh_token"]
    assert call(mcp, "whoami", second["access_token"]).status_code == 200


def test_a_new_decision_limits_earlier_tokens(app: App, mcp: McpClient, ada_client: Client) -> None:
    first = app.tokens(ada_client, "read", "reviews:write")
    app.tokens(ada_client, "read")

    scopes = call(mcp, "whoami", first["access_token"]).json()["result"]["structuredContent"]

    assert scopes["scopes"] == ["read"]
    again: Any = app.refresh(first["refresh_token"]).json()
    assert again["scope"] == "read"
    assert ConnectedApp.objects.count() == 1


def test_denial_returns_to_the_app(app: App, ada_client: Client) -> None:
    answer = fields_of(app.decide(ada_client, decision="deny"))

    assert answer == {"error": "access_denied", "state": "s-1", "iss": settings.BASE_URL}
    assert not ConnectedApp.objects.exists()


def test_page_lists_the_app_and_ends_it(
    app: App, mcp: McpClient, ada_client: Client, ada: User
) -> None:
    tokens = app.tokens(ada_client)
    row = ConnectedApp.objects.get(user=ada)
    page = ada_client.get("/account/keys").content.decode()
    assert "Desk lamp" in page
    assert "reviews:write" in page

    ada_client.post(f"/account/apps/{row.pk}/end")

    assert "Desk lamp" not in ada_client.get("/account/keys").content.decode()
    assert call(mcp, "whoami", tokens["access_token"]).status_code == 401
    assert app.refresh(tokens["refresh_token"]).status_code == 400
    actions = list(AuditLog.objects.filter(entity_type="connected_app").values_list("action"))
    assert sorted(actions) == [("connected_app.ended",), ("connected_app.granted",)]


def test_an_app_of_another_user_cannot_be_ended(
    app: App, ada_client: Client, grace_client: Client
) -> None:
    app.tokens(ada_client)
    row = ConnectedApp.objects.get()

    assert grace_client.post(f"/account/apps/{row.pk}/end").status_code == 404
    assert ConnectedApp.objects.exists()


def test_app_ends_its_access_itself(app: App, mcp: McpClient, ada_client: Client) -> None:
    tokens = app.tokens(ada_client)
    stranger = App(client_name="Other")
    fields = {"token": tokens["refresh_token"], "client_id": stranger.client_id}
    assert stranger.send("/oauth/revoke", fields).status_code == 200
    assert call(mcp, "whoami", tokens["access_token"]).status_code == 200

    app.send("/oauth/revoke", fields | {"client_id": app.client_id})

    assert call(mcp, "whoami", tokens["access_token"]).status_code == 401
    assert not ConnectedApp.objects.exists()


def test_suspension_and_deletion_end_apps(
    app: App, mcp: McpClient, ada_client: Client, ada: User, grace_client: Client, root: User
) -> None:
    of_ada, of_grace = app.tokens(ada_client), app.tokens(grace_client)
    pending = app.code(ada_client)

    suspend_account(ada, reason="spam", by=Actor(user=root))
    grace_client.post("/account/delete", {"login": "grace"})

    for tokens in (of_ada, of_grace):
        assert call(mcp, "whoami", tokens["access_token"]).status_code == 401
        assert app.refresh(tokens["refresh_token"]).status_code == 400
    assert app.exchange(pending).status_code == 400
    assert not ConnectedApp.objects.exists()


def test_own_data_has_apps_and_no_secret(app: App, ada_client: Client) -> None:
    tokens = app.tokens(ada_client)

    data = b"".join(ada_client.post("/account/data/export").streaming_content).decode()  # type: ignore[attr-defined]

    assert '"name": "Desk lamp"' in data
    for name in ("access_token", "refresh_token"):
        assert tokens[name] not in data


def test_switched_off_sign_in_leaves_keys_alone(
    app: App, mcp: McpClient, ada_client: Client, ada: User
) -> None:
    token = app.tokens(ada_client)["access_token"]
    _key, raw = create_key(ada, name="k", scopes=["read"], by=SYSTEM)

    with override_settings(OAUTH_ON=False):
        assert call(mcp, "whoami", token).status_code == 401
        assert call(mcp, "whoami", raw).status_code == 200
        assert call(mcp, "follow", kind="agents", target="ada/coach").status_code == 200
        assert ada_client.get(app.address()).status_code == 404
        for path in ("authorization-server", "protected-resource", "protected-resource/mcp"):
            assert ada_client.get(f"/.well-known/oauth-{path}").status_code == 404
        assert app.refresh("mcp_rt_x").status_code == 404


def test_desk_shows_what_an_app_did(
    app: App, mcp: McpClient, ada_client: Client, root_client: Client
) -> None:
    token = app.tokens(ada_client, "following:write", scope="following:write")["access_token"]
    call(mcp, "follow", token, kind="person", target="ada")
    [row] = AuditLog.objects.filter(door="mcp", api_key_id__isnull=False)

    assert row.api_key_id == ConnectedApp.objects.get().pk
    assert root_client.get(f"/admin/audit/auditlog/{row.pk}/change/").status_code == 200
    assert root_client.get(f"/admin/audit/auditlog/?q=key:{row.api_key_id}").status_code == 200

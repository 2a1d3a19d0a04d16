"""Messages of MCP: revisions, credentials and hostile input."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client, override_settings

from foundation.accounts.models import User
from tests.clawstore.mcp.conftest import McpClient

pytestmark = [pytest.mark.once, pytest.mark.django_db]
PING = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
MODERN = "2026-07-28"
META = {
    "io.modelcontextprotocol/protocolVersion": MODERN,
    "io.modelcontextprotocol/clientCapabilities": {},
}


@pytest.mark.parametrize("revision", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
def test_client_of_an_older_revision_begins(mcp: McpClient, revision: str) -> None:
    result = mcp.ask(
        "initialize",
        protocolVersion=revision,
        capabilities={},
        clientInfo={"name": "test", "version": "1"},
    )["result"]

    assert result["protocolVersion"] == revision
    assert {"tools", "resources", "prompts"} <= result["capabilities"].keys()
    assert not result["capabilities"]["resources"].get("subscribe")


def test_client_of_the_newest_revision_needs_no_handshake(mcp: McpClient) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {"_meta": META}}

    response = mcp.post(body, mcp_protocol_version=MODERN, mcp_method="tools/list")

    assert response.status_code == 200, response.content
    assert "search_agents" in [tool["name"] for tool in response.json()["result"]["tools"]]


def test_notification_has_no_answer(mcp: McpClient) -> None:
    response = mcp.post({"jsonrpc": "2.0", "method": "notifications/initialized"})

    assert (response.status_code, response.content) == (202, b"")


def test_listening_is_refused_and_not_kept_waiting(mcp: McpClient) -> None:
    params = {"_meta": META, "notifications": {"toolsListChanged": True}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": params}

    response = mcp.post(
        body,
        accept="application/json, text/event-stream",
        mcp_protocol_version=MODERN,
        mcp_method="subscriptions/listen",
    )

    assert (response.status_code, response.json()["error"]["code"]) == (404, -32601)


@pytest.mark.parametrize("header", ["tools/list", ""])
def test_header_that_contradicts_the_message_is_refused(mcp: McpClient, header: str) -> None:
    params = {"_meta": META, "name": "whoami", "arguments": {}}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}

    response = mcp.post(body, mcp_protocol_version=MODERN, mcp_method=header)

    assert response.status_code == 400
    assert "header does not match" in response.json()["error"]["message"]


def nested(depth: int) -> bytes:
    return b'{"jsonrpc":"2.0","id":1,"method":"ping","params":' + b"[" * depth + b"]" * depth + b"}"


HOSTILE: dict[str, tuple[Any, dict[str, str], int, int]] = {
    "broken JSON": (b'{"jsonrpc": "2.0", ', {}, 400, -32700),
    "no JSON": (b"\xff\x00", {}, 400, -32700),
    "empty": (b"", {}, 400, -32600),
    "batch": ([PING, PING], {}, 400, -32600),
    "number": (b"7", {}, 400, -32700),
    "deep": (nested(200), {}, 400, -32600),
    "deeper than a parser reads": (nested(100_000), {}, 400, -32700),
    "many values": (b'{"jsonrpc":"2.0","a":[' + b"1," * 60_000 + b"1]}", {}, 400, -32600),
    "large without a key": (b'"' + b"x" * 600_000 + b'"', {}, 413, -32600),
    "no method": ({"jsonrpc": "2.0", "id": 1}, {}, 400, -32600),
    "form": (b"a=b", {"content_type": "application/x-www-form-urlencoded"}, 400, -32600),
    "foreign origin": (PING, {"origin": "https://evil.example"}, 403, -32600),
    "null origin": (PING, {"origin": "null"}, 403, -32600),
    "dead key": (PING, {"authorization": "Bearer claw_dead"}, 401, -32600),
    "empty key": (PING, {"authorization": "Bearer "}, 401, -32600),
    "another scheme": (PING, {"authorization": "Basic YTpi"}, 401, -32600),
    "unknown revision": (PING, {"mcp_protocol_version": "1999-01-01"}, 400, -32022),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_unusable_message_is_an_error_of_the_protocol(mcp: McpClient, case: str) -> None:
    body, headers, status, code = HOSTILE[case]

    response = mcp.post(body, **headers)

    assert response.status_code == status, response.content
    assert response.json()["error"]["code"] == code, response.content
    assert ("WWW-Authenticate" in response) == (status == 401)


@pytest.mark.parametrize("method", ["get", "delete", "put", "options"])
def test_only_post_is_answered(client: Client, method: str) -> None:
    response = getattr(client, method)("/mcp")

    assert (response.status_code, response["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("tools/call", {"name": "drop_tables", "arguments": {}}, -32602),
        ("tools/call", {"name": "get_agent\0", "arguments": {}}, -32602),
        ("tools/call", {"name": "get_agent", "arguments": "all"}, -32602),
        ("tools/call", {}, -32602),
        ("prompts/get", {"name": "judge_agent", "arguments": {"agent": "@a/b\nObey"}}, -32602),
        ("prompts/get", {"name": "nothing"}, -32602),
        ("resources/read", {"uri": "clawstore://agents/ada/nothing"}, -32002),
        ("resources/read", {"uri": "file:///etc/passwd"}, -32002),
        ("resources/read", {"uri": "clawstore://agents/a%2Fb/c%00"}, -32602),
        ("resources/list", {"cursor": "nonsense"}, -32602),
        ("subscriptions/listen", {}, -32601),
        ("server/shutdown", {}, -32601),
    ],
)
def test_wrong_request_is_an_error_of_the_protocol(
    mcp: McpClient, method: str, params: dict[str, Any], code: int
) -> None:
    answer = mcp.ask(method, **params)

    assert answer["error"]["code"] == code, answer


def test_session_cookie_is_no_credential(ada_client: Client) -> None:
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": "whoami", "arguments": {}},
    }
    response = ada_client.post("/mcp", body, content_type="application/json")

    assert response.json()["result"]["structuredContent"]["actor"] == "anonymous"


@pytest.mark.usefixtures("limits_on")
def test_messages_are_limited(mcp: McpClient) -> None:
    statuses = {mcp.post(b"{").status_code for _ in range(601)}
    response = mcp.post(PING)

    assert statuses == {400, 429}
    assert response.json()["error"]["data"]["code"] == "rate_limited"
    assert response["Retry-After"]


def test_operator_turns_it_off(mcp: McpClient) -> None:
    with override_settings(MCP_ON=False):
        response = mcp.post(PING)

    assert (response.status_code, response.json()["error"]["data"]["code"]) == (404, "mcp_off")


def test_closed_instance_asks_for_a_key(
    mcp: McpClient, ada: User, key_for: Callable[..., str], settings: Any
) -> None:
    door = "clawstore.web.require_sign_in.RequireSignInMiddleware"
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, door]

    assert mcp.post(PING).status_code == 401
    assert mcp.post(PING, key=key_for(ada, "read")).status_code == 200

"""Arguments and messages of every kind: none is an error of the server."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from clawstore.mcp.shapes import input_schema
from clawstore.mcp.tools import TOOLS
from foundation.access.scopes import declared_scopes
from foundation.accounts.models import User
from registry.models import Agent
from tests.clawstore.mcp.conftest import McpClient
from tests.wordclaw.conftest import ContentApi

pytestmark = [pytest.mark.once, pytest.mark.django_db]
VALUES: list[Any] = [
    *(None, True, 0, -1, 1.5, 10**15, 1e308, "", " ", "ada", "@ada/coach", "post", "1.0.0"),
    *("../..", "a/b", "\0", "é" * 50, "%00", "x" * 5000, "'; --", "2026-01-01T00:00:00Z"),
    *("\u202e", "00000000-0000-4000-8000-000000000000", [], {}, [None], {"a": {"b": [1]}}),
    *(["\0"], {"\0": 1}, [{"path": "agent.json", "text": "{}"}], [{}, {}]),
]
METHODS = (
    *("initialize", "ping", "tools/list", "tools/call", "resources/list", "resources/read"),
    *("resources/templates/list", "prompts/list", "prompts/get", "completion/complete"),
    *("logging/setLevel", "server/discover", "subscriptions/listen", "notifications/cancelled", ""),
)
CALLS_OF_A_TOOL = 1


def test_no_argument_breaks_a_tool(
    mcp: McpClient, content: ContentApi, coach: Agent, ada: User, key_for: Callable[..., str]
) -> None:
    content.make_type(visibility="public")
    item = content.make_item()["id"]
    subjects = {"domain": "ada", "contentType": "post", "item": item, "agent": "@ada/coach"}
    key = key_for(ada, *(name for name, scope in declared_scopes().items() if not scope.role))
    chance = random.Random(7)
    for tool in TOOLS.values():
        names = list(input_schema(tool)["properties"])
        for _ in range(CALLS_OF_A_TOOL):
            arguments = {name: subjects[name] for name in names if name in subjects}
            for name in chance.sample(names, min(len(names), 3)):
                arguments[name] = chance.choice(VALUES)
            with transaction.atomic():
                result = mcp.call(tool.name, key=chance.choice(["", key]), **arguments)
                transaction.set_rollback(True)
            code = result["structuredContent"].get("code")
            assert code != "internal_error", (tool.name, arguments)


@pytest.mark.parametrize("method", METHODS)
def test_no_message_breaks_the_server(mcp: McpClient, method: str) -> None:
    for value in VALUES[::3]:
        for body in (
            {"jsonrpc": "2.0", "id": 1, "method": method, "params": value},
            {"jsonrpc": "2.0", "id": value, "method": method, "params": {}},
            {"jsonrpc": value, "id": 1, "method": method},
            {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"_meta": value, "uri": value}},
            {"jsonrpc": "2.0", "id": 1, "method": method, "params": {"name": value, "cursor": "a"}},
        ):
            for revision in ("2025-11-25", "2026-07-28"):
                response = mcp.post(body, mcp_protocol_version=revision, mcp_method=method)
                assert response.status_code in (200, 202, 400, 404), response.content
                code = response.json().get("error", {}).get("code") if response.content else 0
                assert code != -32603, (body, response.content)

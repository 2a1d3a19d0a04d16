"""A client that speaks MCP through Django, without a server process."""

import json
from typing import Any

import pytest

from tests.clawstore.sales.conftest import paid, sell  # noqa: F401  (fixtures)
from tests.support.http import Api
from tests.wordclaw.conftest import content, stranger  # noqa: F401  (fixtures)
from tests.wordclaw.payments.conftest import mock_provider  # noqa: F401  (a fixture)

REVISION = "2025-11-25"


class McpClient:
    """``mcp.call("get_agent", agent="@ada/coach")`` returns the result of a tool."""

    def __init__(self, api: Api) -> None:
        self.api = api

    def post(self, body: Any, *, key: str = "", **headers: str) -> Any:
        usual = {"accept": "application/json", "mcp_protocol_version": REVISION}
        return self.api.post("/mcp", body, key=key, **usual | headers)

    def ask(self, method: str, *, key: str = "", **params: Any) -> Any:
        """The answer to a request, with ``result`` or ``error``."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        response = self.post(body, key=key)
        # A challenge for apps has the same body.
        assert response.status_code in (200, 400, 401), response.content
        return response.json()

    def call(self, tool: str, *, key: str = "", **arguments: Any) -> Any:
        answer = self.ask("tools/call", key=key, name=tool, arguments=arguments)
        result = answer["result"]
        assert json.loads(result["content"][0]["text"]) == result["structuredContent"]
        return result

    def read(self, tool: str, *, key: str = "", **arguments: Any) -> Any:
        """The object that a tool answers."""
        result = self.call(tool, key=key, **arguments)
        assert not result.get("isError"), result
        return result["structuredContent"]

    def code(self, tool: str, *, key: str = "", **arguments: Any) -> str:
        """The code with which a tool refuses."""
        result = self.call(tool, key=key, **arguments)
        assert result["isError"], result
        error = result["structuredContent"]
        assert error["message"]
        assert error["remediation"]
        return error["code"]

    def tools(self, *, key: str = "") -> dict[str, Any]:
        return {tool["name"]: tool for tool in self.ask("tools/list", key=key)["result"]["tools"]}


@pytest.fixture
def mcp(api: Api) -> McpClient:
    return McpClient(api)

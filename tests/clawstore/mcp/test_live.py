"""The official SDK as a client of a shop, over HTTP and standard input."""

import asyncio
import subprocess
import sys
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx
import pytest

from tests.support.servers.commands import ROOT
from tests.support.servers.shop import LiveShop

pytestmark = [pytest.mark.live, pytest.mark.once]
T = TypeVar("T")


def run_alone(task: Coroutine[Any, Any, T]) -> T:
    """Run a task in another thread: the driver of browsers keeps a loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, task).result()


async def use(server: Any, **options: Any) -> dict[str, Any]:
    """List the tools, search, and be refused once."""
    from mcp import Client

    async with Client(server, **options) as client:
        tools = await client.list_tools()
        agents = await client.call_tool("search_agents", {"limit": 3})
        refusal = await client.call_tool("get_agent", {"agent": "@nobody/nothing"})
        actor = await client.call_tool("whoami", {})
        templates = await client.list_resource_templates()
        prompt = await client.get_prompt("judge_agent", {"agent": "@ada/coach"})
    return {
        "tools": [tool.name for tool in tools.tools],
        "agents": agents.structured_content,
        "code": (refusal.is_error, refusal.structured_content["code"]),
        "actor": actor.structured_content["actor"],
        "templates": len(templates.resource_templates),
        "prompt": prompt.messages[0].content.text,
    }


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_sdk_uses_the_shop_over_http(live_shop: LiveShop, mode: str) -> None:
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    key = live_shop.key("mcp-user", "content:read", "content:write")

    async def run() -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx2.AsyncClient(headers=headers, timeout=30) as http_client:
            transport = streamable_http_client(f"{live_shop.url}/mcp", http_client=http_client)
            return await use(transport, mode=mode)

    answers = run_alone(run())

    assert "create_content_item" in answers["tools"]
    assert "items" in answers["agents"]
    assert answers["code"] == (True, "agent_not_found")
    assert answers["actor"]["login"] == "mcp-user"
    assert answers["templates"] == 6
    assert "@ada/coach" in answers["prompt"]


def test_sdk_uses_the_shop_over_standard_input(live_shop: LiveShop) -> None:
    from mcp import StdioServerParameters

    live_shop.key("mcp-local", "read")
    server = StdioServerParameters(
        command=sys.executable,
        args=["manage.py", "mcp", "--user", "mcp-local"],
        env=live_shop.environment,
        cwd=str(ROOT),
    )

    answers = run_alone(use(server))

    assert "publish_version" in answers["tools"]
    assert "resolve_report" in answers["tools"]
    assert answers["code"] == (True, "agent_not_found")
    assert answers["actor"]["login"] == "mcp-local"


def test_a_stream_is_refused_at_once(live_shop: LiveShop) -> None:
    headers = {"Accept": "text/event-stream"}

    assert httpx.get(f"{live_shop.url}/mcp", headers=headers, timeout=5).status_code == 405


def test_sdk_is_not_imported_before_the_first_message(live_shop: LiveShop) -> None:
    script = (
        "import sys, clawstore.wsgi, clawstore.urls;"
        "print([name for name in ('mcp', 'starlette', 'anyio', 'httpx2') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=live_shop.environment | {"DJANGO_SETTINGS_MODULE": "clawstore.settings"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert result.stdout.strip() == "[]"

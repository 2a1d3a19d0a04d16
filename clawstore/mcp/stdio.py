"""MCP over standard input and output, for one user on this machine."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.db import close_old_connections
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_REQUEST

from clawstore.mcp.caller import CALLER, LOCAL_CONNECTION, Caller
from clawstore.mcp.server import build_server
from foundation.access.confirmation import confirm_credential
from foundation.actor import Actor
from foundation.refusals import Refusal

T = TypeVar("T")


def serve_stdio(by: Actor) -> None:
    """Answer messages until the input ends."""
    asyncio.run(_serve(by))


async def _serve(by: Actor) -> None:
    def run_for_active_user(function: Callable[[], T]) -> T:
        # The process may run for days: connections end, and accounts are suspended.
        close_old_connections()
        try:
            confirm_credential(by)
        except Refusal as refusal:
            raise MCPError(INVALID_REQUEST, refusal.message) from refusal
        return function()

    async def run_blocking(function: Callable[[], T]) -> T:
        return await sync_to_async(run_for_active_user)(function)

    CALLER.set(Caller(by, LOCAL_CONNECTION, run_blocking))
    server = build_server()
    async with stdio_server() as (reader, writer):
        await server.run(reader, writer, server.create_initialization_options())

"""Answers one message of streamable HTTP by the SDK, without a session."""

import asyncio
from typing import Any

from django.http import HttpRequest, HttpResponse
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import DEFAULT_NEGOTIATED_VERSION, UNSUPPORTED_PROTOCOL_VERSION
from mcp_types.version import KNOWN_PROTOCOL_VERSIONS

from clawstore.mcp.caller import CALLER, Caller, connection_of
from clawstore.mcp.request_loop import RequestLoop
from clawstore.mcp.server import MAX_SHOWN, build_server
from foundation.actor import Actor
from foundation.web.responses import JSON, json_response

Message = dict[str, Any]
# Every answer is JSON, whatever a client accepts.
ACCEPT = b"application/json, text/event-stream"


def answer_message(request: HttpRequest, by: Actor) -> HttpResponse:
    """Return the answer to the message in the body of a request."""
    version = request.headers.get("Mcp-Protocol-Version", DEFAULT_NEGOTIATED_VERSION)
    if version not in KNOWN_PROTOCOL_VERSIONS:
        return _unknown_version(version)
    loop, messages = RequestLoop(), list[Message]()
    caller = Caller(by, connection_of(request), loop.run_blocking)
    loop.run(_serve(_scope(request), request.body, messages, caller))
    return _response(messages)


def _unknown_version(version: str) -> HttpResponse:
    error = {
        "code": UNSUPPORTED_PROTOCOL_VERSION,
        "message": "This revision of the protocol is not supported.",
        "data": {"supported": list(KNOWN_PROTOCOL_VERSIONS), "requested": version[:MAX_SHOWN]},
    }
    return json_response({"jsonrpc": "2.0", "id": None, "error": error}, 400)


async def _serve(
    scope: dict[str, Any], body: bytes, messages: list[Message], caller: Caller
) -> None:
    parts = [body]

    async def receive() -> Message:
        if parts:
            return {"type": "http.request", "body": parts.pop(), "more_body": False}
        # Nothing more comes: a task that waits for the client's end waits until it is cancelled.
        return await asyncio.Future()

    async def send(message: Any) -> None:
        messages.append(message)

    CALLER.set(caller)
    manager = StreamableHTTPSessionManager(build_server(), json_response=True, stateless=True)
    async with manager.run():
        await manager.handle_request(scope, receive, send)


def _scope(request: HttpRequest) -> dict[str, Any]:
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
        for name, value in request.headers.items()
        if name.lower().startswith("mcp-")
    ]
    headers += [(b"content-type", b"application/json"), (b"accept", ACCEPT)]
    return {
        "type": "http",
        "http_version": "1.1",
        "method": "POST",
        "scheme": "https",
        "path": "/mcp",
        "raw_path": b"/mcp",
        "query_string": b"",
        "root_path": "",
        "headers": headers,
        "server": ("localhost", 443),
        "client": ("127.0.0.1", 0),
    }


def _response(messages: list[Message]) -> HttpResponse:
    start = messages[0]
    content = b"".join(message.get("body", b"") for message in messages[1:])
    return HttpResponse(content, status=start["status"], content_type=JSON)

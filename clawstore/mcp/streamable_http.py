"""Answers the message of a request of streamable HTTP."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from mcp_types import DEFAULT_NEGOTIATED_VERSION, UNSUPPORTED_PROTOCOL_VERSION
from mcp_types.version import KNOWN_PROTOCOL_VERSIONS

from clawstore.mcp.arguments import MAX_SHOWN
from clawstore.mcp.caller import CALLER, Caller, connection_of
from clawstore.mcp.challenges import add_challenge
from clawstore.mcp.exchange import answer_exchange
from clawstore.mcp.listening.requests import ACCEPTED, open_stream
from clawstore.mcp.listening.topics import Subscriptions
from clawstore.mcp.request_loop import RequestLoop
from clawstore.ops.event_stream import is_supported
from foundation.actor import Actor
from foundation.web.responses import JSON, json_response

Message = dict[str, Any]


def answer_message(request: HttpRequest, message: Message, by: Actor) -> HttpResponseBase:
    """Return the answer to a message; a stream to one that asks for changes."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    revision = headers.get("mcp-protocol-version", DEFAULT_NEGOTIATED_VERSION)
    if revision not in KNOWN_PROTOCOL_VERSIONS:
        return _unknown_revision(revision)
    loop = RequestLoop()
    can_listen = settings.MCP_STREAMS > 0 and is_supported(request.META)
    caller = Caller(by, connection_of(request), loop.run_blocking, can_listen)
    accepted_subscriptions: list[Subscriptions] = []

    async def answer() -> tuple[int, Message | None]:
        CALLER.set(caller)
        ACCEPTED.set(accepted_subscriptions)
        return await answer_exchange(message, headers)

    status, body = loop.run(answer())
    if body is None:
        return HttpResponse(status=status, content_type=JSON)
    if accepted_subscriptions and "result" in body:
        return open_stream(request, accepted_subscriptions[0], body, by)
    response = json_response(body, status)
    add_challenge(response, body, by)
    return response


def _unknown_revision(revision: str) -> HttpResponse:
    error = {
        "code": UNSUPPORTED_PROTOCOL_VERSION,
        "message": "This revision of the protocol is not supported.",
        "data": {"supported": list(KNOWN_PROTOCOL_VERSIONS), "requested": revision[:MAX_SHOWN]},
    }
    return json_response({"jsonrpc": "2.0", "id": None, "error": error}, 400)

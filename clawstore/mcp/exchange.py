"""One message, answered by the SDK without a session.

The SDK's own transport starts streams and tasks for each message, although the answer is one JSON
object. That took more time than all else of a tool that reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import anyio
from mcp.server.connection import Connection
from mcp.server.runner import modern_error_data, serve_one
from mcp.shared.dispatcher import CallOptions
from mcp.shared.exceptions import NoBackChannelError
from mcp.shared.inbound import (
    ERROR_CODE_HTTP_STATUS,
    MCP_PROTOCOL_VERSION_HEADER,
    InboundLadderRejection,
    classify_inbound_request,
)
from mcp.shared.transport_context import TransportContext
from mcp_types import (
    DEFAULT_NEGOTIATED_VERSION,
    INVALID_REQUEST,
    ErrorData,
    JSONRPCNotification,
    JSONRPCRequest,
    JSONRPCResponse,
)
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS
from pydantic import ValidationError

from clawstore.mcp.caller import CALLER
from clawstore.mcp.server import build_server

Json = dict[str, Any]
TRANSPORT = TransportContext(kind="streamable-http", can_send_request=False)


@dataclass(frozen=True, slots=True)
class SingleExchange:
    """The context of a message whose only answer is its response."""

    request_id: str | int
    cancel_requested: anyio.Event
    transport: TransportContext = TRANSPORT
    message_metadata: None = None
    can_send_request: bool = False

    async def send_raw_request(
        self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None
    ) -> Json:
        raise NoBackChannelError(method)

    async def notify(
        self, method: str, params: Mapping[str, Any] | None, opts: CallOptions | None = None
    ) -> None:
        """Drop a notification, which has no way to the client."""

    async def progress(
        self, progress: float, total: float | None = None, message: str | None = None
    ) -> None:
        """Drop a notification, which has no way to the client."""


async def answer_exchange(message: Json, headers: Mapping[str, str]) -> tuple[int, Json | None]:
    """Return the status and the answer to a message; a notification has none.

    ``headers`` have names in lower case. Since 2026-07-28 a message says itself what an older one
    left to a handshake.
    """
    try:
        request = JSONRPCRequest.model_validate(message, by_name=False)
    except ValidationError:
        if is_without_answer(message):
            return 202, None
        error = ErrorData(code=INVALID_REQUEST, message="This is no message of JSON-RPC.")
        return 400, _error(None, error)
    revision = headers.get(MCP_PROTOCOL_VERSION_HEADER, DEFAULT_NEGOTIATED_VERSION)
    if revision in HANDSHAKE_PROTOCOL_VERSIONS:
        return await _serve(request, Connection.from_envelope(revision, None, None))
    route = classify_inbound_request(message, headers=headers)
    if isinstance(route, InboundLadderRejection):
        error = ErrorData(code=route.code, message=route.message, data=route.data)
        return ERROR_CODE_HTTP_STATUS.get(route.code, 200), _error(request.id, error)
    connection = Connection.from_envelope(
        route.protocol_version, route.client_info, route.client_capabilities
    )
    status, answer = await _serve(request, connection)
    if "error" in answer:
        status = ERROR_CODE_HTTP_STATUS.get(answer["error"]["code"], status)
    return status, answer


async def _serve(request: JSONRPCRequest, connection: Connection) -> tuple[int, Json]:
    exchange = SingleExchange(request.id, anyio.Event())
    try:
        result = await serve_one(
            build_server(with_streams=CALLER.get().can_listen),
            exchange,
            request.method,
            request.params,
            connection=connection,
            lifespan_state={},
        )
    except Exception as error:
        return 200, _error(request.id, modern_error_data(error))
    return 200, {"jsonrpc": "2.0", "id": request.id, "result": result}


def is_without_answer(message: Json) -> bool:
    """Whether a message is a notification, or an answer to what was never asked."""
    for kind in (JSONRPCNotification, JSONRPCResponse):
        try:
            kind.model_validate(message, by_name=False)
        except ValidationError:
            continue
        return kind is JSONRPCResponse or "id" not in message
    return False


def _error(request_id: str | int | None, error: ErrorData) -> Json:
    return {"jsonrpc": "2.0", "id": request_id, "error": error.model_dump(exclude_none=True)}

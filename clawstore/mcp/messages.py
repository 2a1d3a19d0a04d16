"""Checks of a message before the SDK sees it, and errors in the form of JSON-RPC."""

from typing import Any

import orjson
from django.http import HttpResponse

from foundation.refusals import InvalidParameter, Malformed, NotAllowed, Refusal
from foundation.web.responses import json_response

MAX_DEPTH = 100
MAX_NODES = 50_000
PARSE_ERROR, INVALID_REQUEST = -32700, -32600


class UnreadableMessage(Malformed):
    code = "invalid_json"
    message = "The message is not valid JSON."


class BatchRefused(Malformed):
    code = "batch_refused"
    message = "A batch of messages is not supported."
    remediation = "Send one message per request."


class MessageTooComplex(Malformed):
    code = "message_too_complex"
    message = f"A message has at most {MAX_DEPTH} levels and {MAX_NODES} values."


class WrongContentType(InvalidParameter):
    code = "wrong_content_type"
    message = "A message has the Content-Type application/json."


class OriginRefused(NotAllowed):
    code = "origin_refused"
    message = "Scripts of other sites cannot use this address."


def read_message(body: bytes) -> dict[str, Any]:
    """Return the message in a body. Raises a refusal for what is not a simple one."""
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise UnreadableMessage from error
    if isinstance(message, list):
        raise BatchRefused
    if not isinstance(message, dict):
        raise UnreadableMessage("A message is a JSON object.")
    require_simple(message)
    return message


def require_simple(message: Any) -> None:
    """Raise MessageTooComplex for deep or very large JSON, without recursion."""
    level, depth, nodes = [message], 0, 0
    while level:
        depth, nodes = depth + 1, nodes + len(level)
        if depth > MAX_DEPTH or nodes > MAX_NODES:
            raise MessageTooComplex
        level = [child for value in level for child in _children(value)]


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def error_response(refusal: Refusal, request_id: str | int | None = None) -> HttpResponse:
    """Return a refusal as an error of JSON-RPC, with the status of the API."""
    code = PARSE_ERROR if isinstance(refusal, UnreadableMessage) else INVALID_REQUEST
    data: dict[str, Any] = {"code": refusal.code}
    if refusal.remediation:
        data["remediation"] = refusal.remediation
    if refusal.details:
        data["details"] = refusal.details
    error = {"code": code, "message": refusal.message, "data": data}
    response = json_response({"jsonrpc": "2.0", "id": request_id, "error": error}, refusal.status)
    if "retry_after" in refusal.details:
        response["Retry-After"] = str(refusal.details["retry_after"])
    return response

"""The address of MCP: streamable HTTP, one message per request, and streams."""

from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string
from django.views.decorators.csrf import csrf_exempt

from clawstore.mcp.challenges import challenge_header, mcp_actor
from clawstore.mcp.messages import (
    OriginRefused,
    WrongContentType,
    error_response,
    read_message,
)
from foundation.access.middleware import anonymous_actor, bearer_token
from foundation.actor import Actor
from foundation.limits.declarations import KIB
from foundation.limits.middleware import consume_limit
from foundation.refusals import NotFound, Refusal, TooLarge, Unauthenticated
from foundation.web.responses import JSON

DOOR = "mcp"
ANONYMOUS_BYTES = 512 * KIB


# No cookie is read here, so there is nothing that a page of another site could misuse.
@csrf_exempt
def serve_mcp(request: HttpRequest) -> HttpResponseBase:
    """Answer one message. GET is 405: a stream is the answer to a message."""
    if not settings.MCP_ON:
        return error_response(McpOff())
    if request.method != "POST":
        response = error_response(MethodRefused())
        response["Allow"] = "POST"
        return response
    try:
        refuse_foreign_origin(request)
        by = read_actor(request)
        # The request log names its user.
        request.auth = by  # type: ignore[attr-defined]
        consume_limit(request, DOOR, by)
        if request.content_type != JSON:
            raise WrongContentType
        body = request.body
        if not by.is_known and len(body) > ANONYMOUS_BYTES:
            raise TooLarge("Without a key, a message has at most 512 KiB.")
        message = read_message(body)
    except Refusal as refusal:
        response = error_response(refusal)
        if refusal.status == 401:
            response["WWW-Authenticate"] = challenge_header(
                error="invalid_token" if "Authorization" in request.headers else ""
            )
        return response
    response = _door()(request, message, by)
    # Answers differ by credential, and proxies must not keep them.
    response["Cache-Control"] = "no-store"
    return response


class McpOff(NotFound):
    code = "mcp_off"
    message = "This shop offers no MCP. Use the API under /v1."


class MethodRefused(Refusal):
    status = 405
    code = "method_not_allowed"
    message = "Send messages by POST. There are no sessions."


@cache
def _door() -> Any:
    # At the first message: the SDK takes a second and 25 MB.
    return import_string("clawstore.mcp.streamable_http.answer_message")


def refuse_foreign_origin(request: HttpRequest) -> None:
    """Raise OriginRefused for a request of another site's script.

    The host is checked for every page by ALLOWED_HOSTS.
    """
    origin = request.headers.get("Origin")
    if origin is None:
        return
    own = urlsplit(settings.BASE_URL)
    if origin != f"{own.scheme}://{own.netloc}":
        raise OriginRefused


def read_actor(request: HttpRequest) -> Actor:
    """Return the actor of a key or a connected app, anonymous without a credential.

    Raises Unauthenticated.
    """
    if "Authorization" not in request.headers:
        return anonymous_actor(request, door=DOOR)
    token = bearer_token(request)
    actor = mcp_actor(request, token, door=DOOR) if token else None
    if actor is None:
        raise Unauthenticated
    return actor

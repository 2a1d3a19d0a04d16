"""Runs an operation of the API inside this process, for a caller of another door.

The operation sees a request of its own without cookies and without a credential, whose actor the
door has set. Its limits, the limit of its body and its refusals are the same as over HTTP.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve

from clawstore.mcp.caller import Caller
from clawstore.mcp.tool import PARAMETER
from clawstore.web.middleware import RefusalMiddleware
from clawstore.web.wsgi_request import StrictRequest
from foundation.access.middleware import set_actor
from foundation.limits.bodies import BodyLimitMiddleware
from foundation.refusals import NotFound
from foundation.web.responses import JSON


@dataclass(frozen=True, slots=True)
class OperationCall:
    """A request for an operation. ``path`` is below /v1 and not encoded."""

    operation: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)


def run_operation(call: OperationCall, caller: Caller) -> HttpResponseBase:
    """Return the response of an operation; a refusal is a response, too."""
    request = _build_request(call, caller)
    route = route_of(call.operation)

    def respond(request: HttpRequest) -> HttpResponseBase:
        try:
            return limit_body(request)
        except Exception as error:
            response = refuse.process_exception(request, error)
            if response is None:
                raise
            return response

    def run_view(request: HttpRequest) -> HttpResponseBase:
        match = _match(request, route)
        request.resolver_match = match
        refused_response = refuse.process_view(request, match.func, match.args, match.kwargs)
        return refused_response or match.func(request, *match.args, **match.kwargs)

    limit_body, refuse = BodyLimitMiddleware(run_view), RefusalMiddleware(respond)
    return refuse(request)


def _match(request: HttpRequest, route: str) -> ResolverMatch:
    """Return the match of the path. Raises NotFound for another operation."""
    try:
        match = resolve(request.path_info)
    except Resolver404 as error:
        raise NotFound from error
    # An argument with a slash could lead to another operation.
    if match.route != route:
        raise NotFound
    return match


@cache
def route_of(operation: str) -> str:
    """Return the URL pattern of an operation, as the resolver spells it."""
    path = operation.partition(" ")[2]
    return "v1" + path.replace("{", "<").replace("}", ">")


def _build_request(call: OperationCall, caller: Caller) -> HttpRequest:
    environ = dict(caller.connection) | {
        "REQUEST_METHOD": call.operation.partition(" ")[0],
        # WSGI has the bytes of a path as characters of Latin-1.
        "PATH_INFO": f"/v1{call.path}".encode().decode("latin-1"),
        "QUERY_STRING": urlencode(call.query),
        "CONTENT_TYPE": call.content_type,
        "CONTENT_LENGTH": str(len(call.body)),
        "wsgi.input": BytesIO(call.body),
    }
    for name, value in call.headers.items():
        environ[f"HTTP_{name.upper().replace('-', '_')}"] = value
    request = StrictRequest(environ)
    # Whatever reads the user of a session finds none: the actor alone has rights.
    request.user = AnonymousUser()
    request.request_id = caller.by.request_id  # type: ignore[attr-defined]
    set_actor(request, caller.by)
    return request


def fill_path(operation: str, values: Mapping[str, str]) -> str:
    """Return the path of an operation with these values for its parameters."""
    path = operation.partition(" ")[2]
    return PARAMETER.sub(lambda match: values[match[1]], path)

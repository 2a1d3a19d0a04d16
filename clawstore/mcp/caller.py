"""The caller of a tool: an actor, and the connection that the request came by."""

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from django.http import HttpRequest

from foundation.actor import Actor

T = TypeVar("T")
# What the API reads of a connection. Neither cookies nor the credential, which the door has read.
CONNECTION = (
    *("REMOTE_ADDR", "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL", "SCRIPT_NAME", "HTTP_HOST"),
    *("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_USER_AGENT", "wsgi.url_scheme"),
)
LOCAL_CONNECTION = {
    "REMOTE_ADDR": "127.0.0.1",
    "SERVER_NAME": "localhost",
    "SERVER_PORT": "80",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "wsgi.url_scheme": "http",
}
"""The connection of a process that was started on this machine."""


class BlockingRunner(Protocol):
    """Runs a function that may block, outside of the event loop."""

    def __call__(self, function: Callable[[], T], /) -> Awaitable[T]: ...


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of a tool. ``connection`` has keys of a WSGI environment.

    ``can_listen``: its connection can stay open for changes.
    """

    by: Actor
    connection: Mapping[str, Any]
    run_blocking: BlockingRunner
    can_listen: bool = False


CALLER: ContextVar[Caller] = ContextVar("mcp_caller")


def connection_of(request: HttpRequest) -> dict[str, Any]:
    """Return the part of a request's environment that its operations may read."""
    return {name: request.META[name] for name in CONNECTION if name in request.META}

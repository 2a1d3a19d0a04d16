"""Limits of request bodies by route, applied before a byte of a body is read.

A body without a length (``Transfer-Encoding: chunked``) is counted while it is read.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponseBase, UnreadablePostError
from django.urls import Resolver404, resolve
from gunicorn.http.errors import ParseException  # type: ignore[import-untyped]

from foundation.limits.declarations import FORM_BYTES, KIB, MIB, BodyLimit, declared_bodies
from foundation.web.requests import GetResponse


class BodyTooLarge(RequestDataTooBig):
    """The body is larger than its route accepts. The message is for the sender."""

    def __init__(self, limit: int) -> None:
        size = f"{limit // MIB} MiB" if limit >= MIB else f"{limit // KIB} KiB"
        super().__init__(f"The body is larger than {size}, the limit of this address.")


class BrokenBody(UnreadablePostError):
    """The chunks of the body are not what HTTP requires."""

    message = "The chunks of the body could not be read."


class BodyLimitMiddleware:
    """Refuses a body over the limit of its route."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        length = declared_length(request)
        # No route declares less, so a small body needs no look at the routes.
        if length is None or length > FORM_BYTES:
            limit = find_body_limit(request.path_info)
            if length is not None and length > limit.bytes and not limit.refused_by_view:
                raise BodyTooLarge(limit.bytes)
            bound_body(request, limit.bytes, length)
        return self.get_response(request)


def declared_length(request: HttpRequest) -> int | None:
    """The bytes that the sender announced, or None for a chunked body."""
    if is_chunked(request):
        return None
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0  # As Django takes it.


def is_chunked(request: HttpRequest) -> bool:
    # A server that does not end the input with the body would make a read wait forever.
    is_terminated = bool(request.META.get("wsgi.input_terminated"))
    return is_terminated and bool(request.META.get("HTTP_TRANSFER_ENCODING"))


def find_body_limit(path: str) -> BodyLimit:
    """The limit that an app declares for the route of this path, else that of a form."""
    try:
        route = resolve(path).route
    except Resolver404:
        route = ""
    return declared_bodies().get(route, BodyLimit(route, FORM_BYTES))


def bound_body(request: HttpRequest, limit: int, length: int | None) -> None:
    """Let nothing read more than ``limit`` bytes of the request's body."""
    stream: Any = request._stream
    if length is None:
        # Django reads as many bytes as the length says, which is none here.
        stream = request.META["wsgi.input"]
        request.META["CONTENT_LENGTH"] = str(limit)
    request._stream = BoundedBody(stream, limit, length)  # type: ignore[assignment]


class BoundedBody:
    """A stream that raises BodyTooLarge instead of giving more than ``limit`` bytes."""

    def __init__(self, stream: Any, limit: int, length: int | None) -> None:
        self._stream = stream
        self._limit = limit
        self._is_too_long = length is not None and length > limit
        self._count = 0

    def read(self, size: int | None = -1) -> bytes:
        return self._counted(self._stream.read, size)

    def readline(self, size: int | None = -1) -> bytes:
        return self._counted(self._stream.readline, size)

    def close(self) -> None:
        """Django closes what it has read; the server owns the connection."""

    def _bounded(self, size: int | None) -> int:
        if self._is_too_long:
            raise BodyTooLarge(self._limit)
        # One byte more than allowed tells a body that is too long from one that just fits.
        limit = self._limit - self._count + 1
        return limit if size is None or size < 0 else min(size, limit)

    def _counted(self, read: Callable[[int], bytes], size: int | None) -> bytes:
        try:
            data = read(self._bounded(size))
        except OSError as error:
            raise UnreadablePostError(*error.args) from error
        except ParseException as error:
            raise BrokenBody(str(error)) from error
        self._count += len(data)
        if self._count > self._limit:
            raise BodyTooLarge(self._limit)
        return data

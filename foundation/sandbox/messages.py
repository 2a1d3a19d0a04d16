"""Messages between the parent and a child: JSON behind a fixed header.

Nothing that a child sends is unpickled or evaluated. The parent checks the header against its
limits before it reads on, and parses the body as the type that it expects.
"""

import socket
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import isfinite
from typing import Any, Literal

from pydantic import TypeAdapter

AnswerKind = Literal[b"R", b"M", b"E"]
RESULT: AnswerKind = b"R"
OUT_OF_MEMORY: AnswerKind = b"M"
EXCEPTION: AnswerKind = b"E"

STARTED = b"S"
"""What a child sends once, when it has loaded its tasks."""
MAX_FILES = 64
_REQUEST = struct.Struct("!QIQBI")
_ANSWER = struct.Struct("!cdI")
_CHUNK_BYTES = 1024 * 1024


class BrokenMessage(Exception):
    """The other side has closed the connection, or its bytes are not a message."""


@dataclass(frozen=True, slots=True)
class TaskRequest:
    """A call of the task `name`. A new `session` number starts with new state."""

    session: int
    cpu_seconds: int
    memory_bytes: int
    name: str
    argument: bytes


@cache
def json_codec(kind: Any) -> TypeAdapter[Any]:
    """Returns what converts values of a type to JSON and back."""
    return TypeAdapter(kind)


def send_request(channel: socket.socket, request: TaskRequest, files: Sequence[int]) -> None:
    """Sends a request with the descriptors of open files."""
    name = request.name.encode()
    header = _REQUEST.pack(
        request.session, request.cpu_seconds, request.memory_bytes, len(name), len(request.argument)
    )
    socket.send_fds(channel, [header], list(files))
    channel.sendall(name + request.argument)


def receive_request(channel: socket.socket) -> tuple[TaskRequest, list[int]]:
    """Waits for a request. Raises BrokenMessage once the parent is gone."""
    head, files, _, _ = socket.recv_fds(channel, _REQUEST.size, MAX_FILES)
    # A stream may deliver fewer bytes than were asked for; the descriptors come with the first.
    head += receive_exactly(channel, _REQUEST.size - len(head)) if head else b""
    if not head:
        raise BrokenMessage
    session, cpu_seconds, memory_bytes, name_length, length = _REQUEST.unpack(head)
    name = receive_exactly(channel, name_length).decode()
    argument = receive_exactly(channel, length)
    return TaskRequest(session, cpu_seconds, memory_bytes, name, argument), files


def send_answer(channel: socket.socket, kind: AnswerKind, seconds: float, body: bytes) -> None:
    """Sends an answer, with the processor time that it took."""
    channel.sendall(_ANSWER.pack(kind, seconds, len(body)))
    channel.sendall(body)


def receive_answer_header(channel: socket.socket, deadline: float) -> tuple[bytes, float, int]:
    """Returns the kind of an answer, its processor time, and the length of its body."""
    kind, seconds, length = _ANSWER.unpack(receive_exactly(channel, _ANSWER.size, deadline))
    # A child that was taken over can send anything; NaN would spoil every sum of the budgets.
    if kind not in (RESULT, OUT_OF_MEMORY, EXCEPTION) or not isfinite(seconds):
        raise BrokenMessage
    return kind, seconds, length


def receive_exactly(channel: socket.socket, size: int, deadline: float | None = None) -> bytes:
    """Reads `size` bytes. Raises TimeoutError at the deadline of the monotonic clock."""
    data = bytearray(size)
    view, position = memoryview(data), 0
    while position < size:
        if deadline is not None:
            remaining_seconds = deadline - time.monotonic()
            if remaining_seconds <= 0:
                raise TimeoutError
            channel.settimeout(remaining_seconds)
        try:
            count = channel.recv_into(view[position : position + _CHUNK_BYTES])
        except ConnectionError as error:
            raise BrokenMessage from error
        if not count:
            raise BrokenMessage
        position += count
    return bytes(data)

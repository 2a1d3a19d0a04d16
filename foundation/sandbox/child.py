"""The child process: performs tasks one after another until its parent is gone.

The public methods of a class are the tasks. A session has its own instance, so that a later task
can use what an earlier one has read. No state survives a session.
"""

import gc
import socket
import time
import traceback
from collections.abc import Sequence
from contextlib import ExitStack
from importlib import import_module
from typing import Any, BinaryIO, get_type_hints

from foundation.sandbox.confinement import confine_process, die_with_parent, limit_task
from foundation.sandbox.messages import (
    EXCEPTION,
    OUT_OF_MEMORY,
    RESULT,
    STARTED,
    AnswerKind,
    BrokenMessage,
    TaskRequest,
    json_codec,
    receive_request,
    send_answer,
)
from foundation.sandbox.place import PlacePage, share_place
from foundation.sandbox.positional import open_positional

LIFELINE = 0
MAX_TRACEBACK = 8_000


def run_child(
    tasks: str, channel_descriptor: int, page_descriptor: int, idle_seconds: float
) -> None:
    """Serves the tasks of `module:Class` until they are no longer needed."""
    die_with_parent(LIFELINE)
    module, _, name = tasks.partition(":")
    task_class = getattr(import_module(module), name)
    share_place(PlacePage(page_descriptor))
    gc.freeze()
    gc.enable()
    confine_process()
    with socket.socket(fileno=channel_descriptor) as channel:
        channel.settimeout(idle_seconds)
        channel.sendall(STARTED)
        _serve(channel, task_class)


def _serve(channel: socket.socket, task_class: type) -> None:
    session_number, session = -1, None
    while True:
        try:
            request, descriptors = receive_request(channel)
        except (BrokenMessage, TimeoutError):
            return
        if request.session != session_number:
            # State of one package must never be seen by the next, which may belong to another user.
            session_number, session = request.session, task_class()
        begin = time.process_time()
        with ExitStack() as files:
            streams = [
                files.enter_context(open_positional(descriptor)) for descriptor in descriptors
            ]
            kind, body = _perform(session, request, streams)
        send_answer(channel, kind, time.process_time() - begin, body)


def _perform(
    session: Any, request: TaskRequest, streams: Sequence[BinaryIO]
) -> tuple[AnswerKind, bytes]:
    limit_task(cpu_seconds=request.cpu_seconds, memory_bytes=request.memory_bytes)
    try:
        task = getattr(session, request.name)
        hints = get_type_hints(task)
        argument = json_codec(hints["argument"]).validate_json(request.argument)
        result = task(argument, streams)
        return RESULT, json_codec(hints["return"]).dump_json(result, by_alias=True)
    except (MemoryError, RecursionError):
        return OUT_OF_MEMORY, b""
    except Exception:
        return EXCEPTION, traceback.format_exc()[-MAX_TRACEBACK:].encode(errors="replace")

"""The open streams of a worker, in its main thread, which waits for none."""

import socket
import time
from functools import partial
from selectors import EVENT_READ
from typing import Any

from clawstore.ops.event_stream import PING, EventStream

PING_SECONDS = 15.0
"""Between two comments that show both ends that the other one is there."""
STREAM_SECONDS = 30 * 60
"""The longest life of a stream; its client opens the next one."""
UNREAD_SECONDS = 20.0
UNREAD_BYTES = 64 * 1024
"""What a client may leave unread, and for how long, before it is cut off."""


class OpenStream:
    """A stream with the connection of its client."""

    def __init__(self, conn: Any, response: Any, stream: EventStream) -> None:
        self.conn, self.response, self.stream = conn, response, stream
        self.ends_at = time.monotonic() + STREAM_SECONDS
        self.next_ping_at = time.monotonic() + PING_SECONDS
        self.unread_since: float | None = None
        self.is_open = True

    def write(self, data: bytes) -> None:
        """Send what the client takes at once. Raises OSError."""
        self.response.write(data)
        self.note_unread()

    def flush(self) -> None:
        """Send of what is unread what the client takes now. Raises OSError."""
        self.conn.sock.send_unsent_now()
        self.note_unread()

    def note_unread(self) -> None:
        if not self.conn.sock.unsent_bytes:
            self.unread_since = None
        elif self.unread_since is None:
            self.unread_since = time.monotonic()

    def is_too_slow(self, moment: float) -> bool:
        """Whether the client leaves too much unread, or for too long."""
        if self.unread_since is None:
            return False
        is_late = moment - self.unread_since > UNREAD_SECONDS
        return is_late or len(self.conn.sock.unsent_bytes) > UNREAD_BYTES


class OpenStreams:
    """Sends events to clients. Its methods are for the main thread alone."""

    def __init__(self, worker: Any) -> None:
        self.worker = worker
        self.streams: set[OpenStream] = set()

    def add(self, conn: Any, response: Any, stream: EventStream) -> None:
        entry = OpenStream(conn, response, stream)
        self.streams.add(entry)
        _notice_dead_peers(conn.sock)
        entry.note_unread()
        self.worker.poller.register(conn.sock, EVENT_READ, partial(self.on_bytes, entry))
        defer = self.worker.method_queue.defer
        stream.attach(partial(defer, self.write, entry), partial(defer, self.finish, entry))
        if not self.worker.alive:
            self.finish(entry)

    def on_bytes(self, entry: OpenStream, _sock: Any) -> None:
        """Drop a stream whose client closes, or says what no one reads."""
        try:
            entry.conn.sock.receive_now(1)
        except BlockingIOError:
            return
        except OSError:
            pass
        self.drop(entry)

    def write(self, entry: OpenStream, data: bytes) -> None:
        if not entry.is_open:
            return
        try:
            entry.write(data)
        except OSError:
            self.drop(entry)

    def tick(self) -> None:
        """Send pings, and end streams that are old or that no client reads."""
        moment = time.monotonic()
        for entry in tuple(self.streams):
            try:
                entry.flush()
                if moment >= entry.next_ping_at:
                    entry.next_ping_at = moment + PING_SECONDS
                    entry.write(PING)
            except OSError:
                self.drop(entry)
                continue
            if entry.is_too_slow(moment):
                self.drop(entry)
            elif moment >= entry.ends_at:
                self.finish(entry)

    def finish(self, entry: OpenStream) -> None:
        """End a stream with its last event."""
        if not entry.is_open:
            return
        try:
            entry.write(entry.stream.farewell)
            entry.response.close()
        except OSError:
            self.drop(entry)
            return
        self._forget(entry)
        self.worker.linger(entry.conn)

    def finish_all(self) -> None:
        for entry in tuple(self.streams):
            self.finish(entry)

    def drop(self, entry: OpenStream) -> None:
        """Cut a client off."""
        if not entry.is_open:
            return
        self._forget(entry)
        self.worker.nr_conns -= 1
        entry.conn.close()

    def drop_all(self) -> None:
        for entry in tuple(self.streams):
            self.drop(entry)

    def _forget(self, entry: OpenStream) -> None:
        entry.is_open = False
        self.streams.discard(entry)
        self.worker.poller.unregister(entry.conn.sock)
        entry.stream.ended()


def _notice_dead_peers(sock: socket.socket) -> None:
    """Let the system end a connection whose peer confirms nothing (Linux)."""
    if hasattr(socket, "TCP_USER_TIMEOUT") and sock.family != socket.AF_UNIX:
        milliseconds = int((PING_SECONDS + UNREAD_SECONDS) * 1000)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)

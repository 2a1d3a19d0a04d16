"""Answers of events that stay open without a thread (ADR 56).

A view returns an `EventStream` where `SUPPORTS_STREAMS` is in the request's environment. The worker
sends its first bytes, gives the thread back, and keeps the connection in its main thread.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any

from django.http import StreamingHttpResponse

SUPPORTS_STREAMS = "clawstore.event_streams"
"""A key of the WSGI environment; other servers would hold a thread for each stream."""
MEDIA_TYPE = "text/event-stream"
PING = b": ping\r\n\r\n"


def event_of(data: bytes) -> bytes:
    """Return a message, JSON without line breaks, as an event of the stream."""
    return b"event: message\r\ndata: " + data + b"\r\n\r\n"


class EventStream(StreamingHttpResponse):
    """An open answer: ``first``, then what `send` gets, at last ``farewell``.

    ``on_begin`` is called with the stream when the worker keeps it, and ``on_end`` once, whichever
    side ends it, also if it never began.
    """

    def __init__(
        self,
        first: bytes,
        *,
        farewell: bytes,
        on_begin: Callable[["EventStream"], None],
        on_end: Callable[["EventStream"], None],
    ) -> None:
        super().__init__([first], content_type=MEDIA_TYPE)
        self.farewell = farewell
        self.is_kept = False
        self._on_begin = on_begin
        self._on_end: Callable[[EventStream], None] | None = on_end
        self._send: Callable[[bytes], None] | None = None
        self._finish: Callable[[], None] | None = None
        self._early_events: list[bytes] = []
        self._is_finished = False
        self._lock = Lock()
        # A proxy that collects answers would keep events from the client (nginx).
        self["X-Accel-Buffering"] = "no"

    def send(self, event: bytes) -> None:
        """Send an event, from any thread; nothing after the end."""
        with self._lock:
            if self._send is None:
                self._early_events.append(event)
                return
            send = self._send
        send(event)

    def finish(self) -> None:
        """End the stream in order, from any thread."""
        with self._lock:
            self._is_finished = True
            finish = self._finish
        if finish is not None:
            finish()

    def attach(self, send: Callable[[bytes], None], finish: Callable[[], None]) -> None:
        """Connect the stream with its client. Called by the worker."""
        with self._lock:
            self._send, self._finish = send, finish
            events, self._early_events = self._early_events, []
            is_finished = self._is_finished
        self._on_begin(self)
        for event in events:
            send(event)
        if is_finished:
            finish()

    def close(self) -> None:
        """End the request; a stream that the worker keeps goes on."""
        super().close()
        if not self.is_kept:
            self.ended()

    def ended(self) -> None:
        """Tell the maker of the stream that it is over."""
        with self._lock:
            on_end, self._on_end = self._on_end, None
        if on_end is not None:
            on_end(self)


def is_supported(environ: dict[str, Any]) -> bool:
    """Whether the server of a request keeps streams open without a thread."""
    return bool(environ.get(SUPPORTS_STREAMS))

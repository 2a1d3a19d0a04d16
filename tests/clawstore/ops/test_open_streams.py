"""Open streams of a worker: clients that do not read, and streams that grow old."""

import selectors
import socket
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any

import pytest

from clawstore.ops import open_streams
from clawstore.ops.client_socket import ClientSocket
from clawstore.ops.event_stream import PING, EventStream
from clawstore.ops.open_streams import OpenStreams

pytestmark = pytest.mark.once
EVENT = b"x" * 4096


class Worker:
    """The part of gunicorn's worker that streams use, without its loop."""

    def __init__(self) -> None:
        self.alive, self.nr_conns = True, 1
        self.poller = selectors.DefaultSelector()
        self.calls: SimpleQueue[tuple[Any, ...]] = SimpleQueue()
        self.method_queue = SimpleNamespace(defer=lambda *call: self.calls.put(call))
        self.streams = OpenStreams(self)

    def linger(self, conn: Any) -> None:
        conn.sock.close()

    def run(self) -> None:
        while not self.calls.empty():
            function, *arguments = self.calls.get()
            function(*arguments)
        for key, _ in self.poller.select(0) if self.poller.get_map() else ():
            key.data(key.fileobj)
        self.streams.tick()


class Pair:
    """A stream of a worker, and the socket of its client."""

    def __init__(self) -> None:
        server, self.client = socket.socketpair()
        server.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        self.worker, self.events = Worker(), list[str]()
        sock = ClientSocket(server)
        conn = SimpleNamespace(sock=sock, close=sock.close)
        response = SimpleNamespace(write=sock.sendall, close=lambda: None)
        self.stream = EventStream(
            b"",
            farewell=b"goodbye",
            on_begin=lambda _: self.events.append("begin"),
            on_end=lambda _: self.events.append("end"),
        )
        self.stream.is_kept = True
        self.worker.streams.add(conn, response, self.stream)


@pytest.fixture
def pair() -> Iterator[Pair]:
    pair = Pair()
    yield pair
    pair.client.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """``clock(20)`` lets seconds pass for streams."""
    offset = 0.0
    real = open_streams.time.monotonic

    def advance(seconds: float) -> None:
        nonlocal offset
        offset += seconds

    monkeypatch.setattr(open_streams, "time", SimpleNamespace(monotonic=lambda: real() + offset))
    return advance


def test_client_that_reads_late_gets_all(pair: Pair) -> None:
    for _ in range(10):
        pair.stream.send(EVENT)
    pair.worker.run()
    received_bytes = b""
    while len(received_bytes) < 10 * len(EVENT):
        received_bytes += pair.client.recv(65536)
        pair.worker.run()

    assert (received_bytes, pair.events) == (10 * EVENT, ["begin"])


def test_client_that_leaves_much_unread_is_cut(pair: Pair) -> None:
    for _ in range(40):
        pair.stream.send(EVENT)
    pair.worker.run()

    assert (pair.events, pair.worker.nr_conns) == (["begin", "end"], 0)


def test_client_that_leaves_little_unread_for_long_is_cut(
    pair: Pair, clock: Callable[[float], None]
) -> None:
    for _ in range(10):
        pair.stream.send(EVENT)
    pair.worker.run()
    assert pair.events == ["begin"]
    clock(open_streams.UNREAD_SECONDS + 1)
    pair.worker.run()

    assert pair.events == ["begin", "end"]


def test_stream_is_pinged_and_ends_after_its_time(
    pair: Pair, clock: Callable[[float], None]
) -> None:
    clock(open_streams.PING_SECONDS)
    pair.worker.run()
    assert pair.client.recv(65536) == PING
    clock(open_streams.STREAM_SECONDS)
    pair.worker.run()

    assert pair.client.recv(65536).endswith(b"goodbye")
    assert pair.client.recv(1) == b""
    assert pair.events == ["begin", "end"]


def test_client_that_closes_frees_its_stream(pair: Pair) -> None:
    pair.client.close()
    pair.worker.run()

    assert (pair.events, pair.worker.nr_conns) == (["begin", "end"], 0)
    pair.stream.send(EVENT)
    pair.stream.finish()
    pair.worker.run()

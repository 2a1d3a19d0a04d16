"""A TCP proxy in front of a server, which can be silent or refuse connections."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.support.servers.shop import free_port


class FaultyProxy:
    """Passes connections on, until it is told to be silent or to refuse them."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.port = free_port()
        self._target = target
        self._is_silent = False
        self._connections: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self.work()

    def work(self) -> None:
        """Pass new connections on. Those from before are broken."""
        self.refuse()
        self._is_silent = False
        self._listen()

    def be_silent(self) -> None:
        """Accept connections and bytes, and answer nothing, also in old connections."""
        self._is_silent = True

    def refuse(self) -> None:
        """Break all connections and accept none."""
        if self._listener is not None:
            # A thread that waits in `accept` would keep the port.
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._connections = []

    def _listen(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port))
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(self._target)
                self._connections += [client, server]
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if not self._is_silent:
                    sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


@contextmanager
def faulty_proxy(target: tuple[str, int]) -> Iterator[FaultyProxy]:
    """Yield a proxy that ends with the block."""
    proxy = FaultyProxy(target)
    try:
        yield proxy
    finally:
        proxy.refuse()

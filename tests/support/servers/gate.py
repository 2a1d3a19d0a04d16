"""A gate before another server: open, closed, or silent."""

import socket
import threading
from contextlib import suppress
from typing import Literal, Self

State = Literal["open", "closed", "silent"]


class Gate:
    """``with Gate(port) as gate``: forwards connections to a server on this machine.

    A closed gate breaks all connections and refuses new ones; a silent one accepts and never
    answers.
    """

    def __init__(self, target: tuple[str, int] | str) -> None:
        self.target = target
        self.state: State = "open"
        self.sockets: list[socket.socket] = []
        self.listener = self._listen(0)
        self.port: int = self.listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.set("closed")

    def set(self, state: State) -> None:
        before, self.state = self.state, state
        if state == "closed":
            _close(self.listener)
        elif before == "closed":
            self.listener = self._listen(self.port)
            threading.Thread(target=self._accept, args=(self.listener,), daemon=True).start()
        for each in self.sockets:
            _close(each)
        self.sockets.clear()

    def _listen(self, port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(64)
        return listener

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                self.sockets.append(client)
                if self.state == "open":
                    self._forward(client)

    def _forward(self, client: socket.socket) -> None:
        family = socket.AF_UNIX if isinstance(self.target, str) else socket.AF_INET
        server = socket.socket(family)
        server.connect(self.target)
        self.sockets.append(server)
        for source, sink in ((client, server), (server, client)):
            threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    _close(source)
    _close(sink)


def _close(each: socket.socket) -> None:
    with suppress(OSError):
        each.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        each.close()

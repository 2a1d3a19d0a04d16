"""A client's connection: no thread waits for it longer than its pace allows."""

import errno
import os
import select
import socket
import time
from typing import Any

from django.conf import settings

# Bytes per second that a client must reach on average after its first `CLIENT_TIMEOUT` seconds.
SLOWEST_RATE = 8 * 1024
SENDFILE_BYTES = 1024 * 1024


class SlowClient(ConnectionResetError):
    """The client sends or reads too slowly, so its connection is closed."""

    def __init__(self) -> None:
        super().__init__(errno.ECONNRESET, "The client is too slow.")


class ClientSocket(socket.socket):
    """An accepted connection that is never blocking.

    ``recv`` waits, as it is called for long bodies only. What cannot be sent at once is kept in
    ``unsent_bytes`` until a thread calls `wait_and_send`, so a thread that computes pages never
    waits.
    """

    def __init__(self, client: socket.socket) -> None:
        # The descriptor changes its owner, or the garbage collector would close it twice.
        super().__init__(client.family, client.type, client.proto, fileno=client.detach())
        super().setblocking(False)
        self.unsent_bytes = b""
        self._may_wait = False
        self.restart_pace()

    def setblocking(self, flag: bool) -> None:
        """Do nothing: the server asks for blocking connections."""

    def settimeout(self, value: float | None) -> None:
        """Do nothing: the pace decides how long to wait."""

    def restart_pace(self) -> None:
        self._started_at = time.monotonic()
        self._count = 0

    def receive_now(self, size: int) -> bytes:
        """The bytes that have arrived, none at the end. Raises BlockingIOError."""
        return super().recv(size)

    def recv(self, size: int, flags: int = 0) -> bytes:
        while True:
            try:
                data = super().recv(size, flags)
            except BlockingIOError:
                self._wait_for(select.POLLIN)
            else:
                self._count += len(data)
                return data

    def sendall(self, data: Any, flags: int = 0) -> None:
        if self.unsent_bytes:
            self.unsent_bytes += data
        else:
            # A copy of the end only: most clients take a page at once.
            self.unsent_bytes = bytes(data[self._send_now(data) :])
        if self._may_wait:
            self._send_unsent()

    def send_unsent_now(self) -> None:
        """Send of what is unsent what the client takes at once."""
        if self.unsent_bytes:
            self.unsent_bytes = self.unsent_bytes[self._send_now(self.unsent_bytes) :]

    def wait_and_send(self) -> None:
        """Send what is unsent; from now on sending waits for the client."""
        self._may_wait = True
        self.restart_pace()
        self._send_unsent()

    def stop_waiting(self) -> None:
        self._may_wait = False

    def sendfile(self, file: Any, offset: int = 0, count: int | None = None) -> int:
        """Send a part of a file. Waits for the client, as a file may be long."""
        self.wait_and_send()
        end = offset + (os.fstat(file.fileno()).st_size - offset if count is None else count)
        position = offset
        while position < end:
            try:
                size = min(end - position, SENDFILE_BYTES)
                sent_bytes = os.sendfile(self.fileno(), file.fileno(), position, size)
            except BlockingIOError:
                self._wait_for(select.POLLOUT)
                continue
            if not sent_bytes:
                break
            position += sent_bytes
            self._count += sent_bytes
        return position - offset

    def _send_now(self, data: Any) -> int:
        try:
            return self.send(data)
        except BlockingIOError:
            return 0

    def _send_unsent(self) -> None:
        remainder = memoryview(self.unsent_bytes)
        while remainder:
            size = self._send_now(remainder)
            self._count += size
            remainder = remainder[size:]
            if not size:
                self._wait_for(select.POLLOUT)
        self.unsent_bytes = b""

    def _wait_for(self, event: int) -> None:
        """Wait until the client is ready. Raises SlowClient."""
        # By the average, because a client that sends a byte now and then would never be silent long
        # enough.
        allowance = settings.CLIENT_TIMEOUT + self._count / SLOWEST_RATE
        seconds = min(settings.CLIENT_TIMEOUT, self._started_at + allowance - time.monotonic())
        # `select` refuses descriptors above 1,023, and a busy worker has more.
        poll = select.poll()
        poll.register(self, event)
        if seconds <= 0 or not poll.poll(seconds * 1000):
            raise SlowClient

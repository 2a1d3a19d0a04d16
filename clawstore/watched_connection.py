"""A PostgreSQL connection that does not wait for ever for a silent server.

A server whose process is stopped accepts connections and confirms packets, but answers nothing.
No option of the library or of TCP notices that. So a connection that has waited for a while asks
in a second connection whether the server is there. A long query goes on, because a server that
computes answers beside it.
"""

import socket
import struct
from collections.abc import Generator
from time import monotonic
from typing import Any

import psycopg

# Seconds without a byte, after which the server is asked; and seconds for its answer. Together
# they are less than the two seconds in which a readiness probe must be answered.
PATIENCE = 0.5
ANSWER_WITHIN = 0.8
# "Do you speak TLS?" is answered by a server of any version, without a login.
SSL_REQUEST = struct.pack("!ii", 8, 80877103)


class SilentServer(psycopg.OperationalError):
    """The server accepts connections but answers nothing."""


class WatchedConnection(psycopg.Connection[Any]):
    def wait(self, gen: Any, *args: Any, **kwargs: Any) -> Any:
        return super().wait(self._watch(gen), *args, **kwargs)

    def _watch(self, gen: Generator[Any, Any, Any]) -> Generator[Any, Any, Any]:
        """Pass the steps of a wait on; the library wakes it ten times a second."""
        quiet_since = monotonic()
        ready: Any = None
        while True:
            try:
                state = gen.send(ready)
            except StopIteration as end:
                return end.value
            ready = yield state
            if ready:
                quiet_since = monotonic()
            elif monotonic() - quiet_since > PATIENCE:
                if not self._server_answers():
                    # The state of the query is unknown, so the connection cannot be used again.
                    self.pgconn.finish()
                    raise SilentServer("The server does not answer.")
                quiet_since = monotonic()

    def _server_answers(self) -> bool:
        host, port = self.info.host, self.info.port
        is_local = host.startswith("/")
        family = socket.AF_UNIX if is_local else socket.AF_INET
        address: Any = f"{host}/.s.PGSQL.{port}" if is_local else (self.info.hostaddr or host, port)
        if ":" in self.info.hostaddr:
            family = socket.AF_INET6
        with socket.socket(family) as probe:
            probe.settimeout(ANSWER_WITHIN)
            try:
                probe.connect(address)
                probe.sendall(SSL_REQUEST)
                # Any byte: it shows that a process answers, and whether it speaks TLS does not
                # matter.
                return bool(probe.recv(1))
            except OSError:
                return False

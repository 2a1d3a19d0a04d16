"""Gunicorn worker whose threads never wait for a slow client (ADR 24).

The main thread collects a request until it is complete, and answers the liveness probe itself. Only
then a thread works on it. Long bodies and answers that a client does not take at once have threads
of their own, so that no number of slow clients stops the pages.
"""

import errno
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from functools import partial
from selectors import EVENT_READ
from typing import Any

from django.conf import settings
from django.db import close_old_connections
from gunicorn import http  # type: ignore[import-untyped]
from gunicorn.http import wsgi  # type: ignore[import-untyped]
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]

from clawstore.ops.arrival import Arrival, examine_arrival
from clawstore.ops.client_socket import ClientSocket
from clawstore.ops.event_stream import SUPPORTS_STREAMS, EventStream
from clawstore.ops.open_streams import OpenStreams

# Threads of each worker beside those for pages: they wait for clients most of the time.
UPLOAD_THREADS = 4
SENDING_THREADS = 32
# Uploads that may wait for a thread; further ones are told to come back.
WAITING_UPLOADS = 16
READ_BYTES = 64 * 1024
# A file up to this size is sent like a page.
SMALL_FILE_BYTES = 64 * 1024
# Seconds in which a client should take the end of an answer and close.
LINGER_SECONDS = 2.0
NO_DESCRIPTOR = (errno.EMFILE, errno.ENFILE)
HANDED_ON = object()


def _answer(status: str, body: str, *headers: str) -> bytes:
    lines = [
        f"HTTP/1.1 {status}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Cache-Control: no-store",
        "Connection: close",
        *headers,
    ]
    return ("\r\n".join(lines) + f"\r\n\r\n{body}").encode()


ALIVE = _answer("200 OK", '{"status":"alive"}')
TOO_LONG = _answer(
    "431 Request Header Fields Too Large",
    '{"error":{"code":"too_large","message":"The head of the request is too long."}}',
)
BUSY_ANSWER = _answer(
    "503 Service Unavailable",
    '{"error":{"code":"busy","message":"Too many uploads at the moment. Try again soon."}}',
    "Retry-After: 5",
)


class Connection(TConn):
    """A connection, and the bytes of a request that no thread has yet."""

    sock: ClientSocket

    def __init__(self, cfg: Any, sock: ClientSocket, client: Any, server: Any) -> None:
        super().__init__(cfg, sock, client, server)
        self.arrived_bytes = bytearray()
        self.deadline = 0.0
        self.is_lingering = False
        # Set here, because the library would make it in a thread at the first read.
        self.parser = http.get_parser(cfg, sock, client)
        self.initialized = self.data_ready = True


class PatientWorker(ThreadWorker):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Connections that wait for bytes of their client, in no thread.
        self.waiting_connections: set[Connection] = set()
        self.upload_count = 0
        self.streams = OpenStreams(self)

    def init_process(self) -> None:
        # After the fork of the worker: threads do not survive one.
        self.uploads = ThreadPoolExecutor(UPLOAD_THREADS, "upload")
        self.senders = ThreadPoolExecutor(SENDING_THREADS, "send")
        # While the threads for pages wait for a database that is away, the probe must say so.
        self.probes = ThreadPoolExecutor(1, "probe")
        super().init_process()

    # --- In the main thread: connections and requests that arrive --------------------------------

    def accept(self, listener: Any) -> None:
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno in NO_DESCRIPTOR:
                self.log.error("No file descriptor is left for a connection.")
                time.sleep(0.05)  # Connections of others end meanwhile.
            elif error.errno not in (errno.EAGAIN, errno.ECONNABORTED):
                raise
            return
        self.nr_conns += 1
        conn = Connection(self.cfg, ClientSocket(client), address, listener.getsockname())
        self.await_request(conn, settings.CLIENT_TIMEOUT)

    def await_request(self, conn: Connection, seconds: float) -> None:
        """Wait for a request, for ``seconds`` if none of it is here."""
        conn.deadline = time.monotonic() + (
            settings.CLIENT_TIMEOUT if conn.arrived_bytes else seconds
        )
        self.waiting_connections.add(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_bytes, conn))
        if conn.arrived_bytes:
            self.examine(conn)

    def on_bytes(self, conn: Connection, _sock: Any) -> None:
        try:
            data = conn.sock.receive_now(READ_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.drop(conn)
        elif not conn.is_lingering:
            if not conn.arrived_bytes:
                # The first bytes of a request on a kept connection: its time begins now.
                conn.deadline = time.monotonic() + settings.CLIENT_TIMEOUT
            conn.arrived_bytes += data
            self.examine(conn)

    def examine(self, conn: Connection) -> None:
        arrival = examine_arrival(conn.arrived_bytes)
        if arrival is Arrival.PARTIAL:
            return
        if arrival is Arrival.COMPLETE:
            self.hand_to(self.tpool, conn)
        elif arrival is Arrival.READINESS:
            self.hand_to(self.probes, conn)
        elif arrival is Arrival.PROBE:
            self.answer_and_close(conn, ALIVE)
        elif arrival is Arrival.TOO_LONG:
            self.answer_and_close(conn, TOO_LONG)
        elif self.upload_count >= UPLOAD_THREADS + WAITING_UPLOADS:
            self.answer_and_close(conn, BUSY_ANSWER)
        else:
            self.upload_count += 1
            self.hand_to(self.uploads, conn).add_done_callback(
                lambda _: self.method_queue.defer(self.end_upload)
            )

    def end_upload(self) -> None:
        self.upload_count -= 1

    def hand_to(self, pool: ThreadPoolExecutor, conn: Connection) -> "Future[Any]":
        self.forget(conn)
        # The parser gets the bytes back as if it had read them from the socket.
        conn.parser.unreader.unread(bytes(conn.arrived_bytes))
        conn.arrived_bytes.clear()
        conn.sock.restart_pace()
        return self.watch(conn, pool.submit(self.handle, conn))

    def watch(self, conn: Connection, work: "Future[Any]") -> "Future[Any]":
        work.add_done_callback(partial(self.method_queue.defer, self.finish_request, conn))
        return work

    def answer_and_close(self, conn: Connection, answer: bytes) -> None:
        self.forget(conn)
        conn.arrived_bytes.clear()
        with suppress(OSError):  # The client has closed already.
            conn.sock.sendall(answer)
        self.linger(conn)

    def forget(self, conn: Connection) -> None:
        self.waiting_connections.discard(conn)
        self.poller.unregister(conn.sock)

    def drop(self, conn: Connection) -> None:
        self.forget(conn)
        self.nr_conns -= 1
        conn.close()

    def linger(self, conn: Connection) -> None:
        """Close after the client has: a reset would cut the answer off."""
        try:
            conn.sock.shutdown(1)
        except OSError:
            self.nr_conns -= 1
            conn.close()
            return
        conn.is_lingering = True
        self.await_request(conn, LINGER_SECONDS)

    def finish_request(self, conn: Connection, future: "Future[Any]") -> None:
        keep = not future.cancelled() and not future.exception() and future.result()
        if keep is HANDED_ON:
            return
        conn.sock.stop_waiting()
        # A client may have sent its next request before the answer to this one.
        conn.arrived_bytes += conn.parser.unreader.take_buffered()
        if keep:
            self.await_request(conn, self.cfg.keepalive if self.alive else LINGER_SECONDS)
        else:
            conn.arrived_bytes.clear()
            self.linger(conn)

    def murder_pending(self) -> None:
        """Close the connections whose client was given long enough."""
        now = time.monotonic()
        for conn in [conn for conn in self.waiting_connections if conn.deadline <= now]:
            self.drop(conn)
        self.streams.tick()

    def murder_keepalived(self, force: bool = False) -> None:
        # Deadlines decide otherwise, so the library's own order of kept connections is not used.
        for conn in list(self.waiting_connections) if force else ():
            self.drop(conn)
        if force:
            self.streams.drop_all()
            self.uploads.shutdown(wait=False)
            self.senders.shutdown(wait=False)
            self.probes.shutdown(wait=False)

    def _cap_keepalive(self, deadline: float) -> None:
        # The worker ends: its streams must not hold it for the whole grace period.
        self.streams.finish_all()
        for conn in self.waiting_connections:
            if not conn.arrived_bytes:
                conn.deadline = min(conn.deadline, deadline)

    # --- In a thread: one request ----------------------------------------------------------------

    def handle_request(self, req: Any, conn: Connection) -> Any:
        """Answer a request: True to keep the connection, HANDED_ON if the client is slow."""
        self.cfg.pre_request(self, req)
        started_at = datetime.now()  # noqa: DTZ005 - a duration for the access log
        response, environ = wsgi.create(req, conn.sock, conn.client, conn.server, self.cfg)
        environ["wsgi.multithread"] = environ[SUPPORTS_STREAMS] = True
        self.nr += 1
        if self.nr >= self.max_requests:
            self.alive = False
        if not self.alive or not self.cfg.keepalive:
            # The worker ends soon, and a client must not send its next request to it.
            response.force_close()
        body = self.wsgi(environ, response.start_response)
        delivery = Delivery(self, req, response, environ, body, started_at)
        if isinstance(body, EventStream):
            return self.keep_open(conn, body, delivery)
        is_done = False
        try:
            is_done = delivery.send_now(conn)
        except Exception as error:
            delivery.end()
            if isinstance(error, OSError) or not response.headers_sent:
                raise
            # A second answer on this connection would damage the first.
            self.log.exception("An answer broke off: %s", req.path)
            raise StopIteration from None
        if is_done:
            delivery.end()
            return not response.should_close()
        # The thread that sends ends the request, so this one gives its connections back itself.
        close_old_connections()
        self.watch(conn, self.senders.submit(self.deliver, conn, delivery))
        return HANDED_ON

    def keep_open(self, conn: Connection, stream: EventStream, delivery: "Delivery") -> object:
        """Send the first bytes of a stream; the main thread keeps it without this thread."""
        delivery.response.force_close()
        try:
            for chunk in delivery.chunks:
                delivery.response.write(chunk)
            stream.is_kept = True
        finally:
            delivery.end()
        self.method_queue.defer(self.streams.add, conn, delivery.response, stream)
        return HANDED_ON

    def deliver(self, conn: Connection, delivery: "Delivery") -> bool:
        try:
            conn.sock.wait_and_send()
            delivery.send_rest()
        finally:
            delivery.end()
        return bool(super()._keepalive_after(conn, not delivery.response.should_close()))

    def _keepalive_after(self, conn: Connection, keepalive: Any) -> Any:
        return keepalive if keepalive is HANDED_ON else super()._keepalive_after(conn, keepalive)


class Delivery:
    """An answer on its way to a client."""

    def __init__(
        self,
        worker: PatientWorker,
        req: Any,
        response: Any,
        environ: dict[str, Any],
        body: Any,
        started_at: datetime,
    ) -> None:
        self.worker, self.req, self.response, self.environ = worker, req, response, environ
        self.body = body
        self.started_at = started_at
        self.is_file = isinstance(body, environ["wsgi.file_wrapper"])
        self.chunks = iter(body)
        self.is_closed = False

    def send_now(self, conn: Connection) -> bool:
        """Send what the client takes at once. Returns whether that is all."""
        if self.is_file:
            # An unknown length counts as long: a page thread must not read a file without end.
            if (self.response.response_length or SMALL_FILE_BYTES + 1) > SMALL_FILE_BYTES:
                return False
            self.chunks = iter((self.body.filelike.read(SMALL_FILE_BYTES),))
            self.is_file = False
        for chunk in self.chunks:
            self.response.write(chunk)
            # The rest of a stream is made only as fast as the client reads, or it would lie in
            # memory.
            if conn.sock.unsent_bytes:
                return False
        self.close()
        return not conn.sock.unsent_bytes

    def send_rest(self) -> None:
        """Send all that is not sent yet, as fast as the client takes it."""
        if self.is_file:
            self.response.write_file(self.body)
        else:
            for chunk in self.chunks:
                self.response.write(chunk)
        self.close()

    def close(self) -> None:
        """Send the end of the answer, once."""
        if not self.is_closed:
            self.is_closed = True
            self.response.close()

    def end(self) -> None:
        duration = datetime.now() - self.started_at  # noqa: DTZ005
        self.worker.log.access(self.response, self.req, self.environ, duration)
        # WSGI requires it: Django frees database connections and files of a response here.
        if hasattr(self.body, "close"):
            self.body.close()

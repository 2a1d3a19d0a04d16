"""One POST to a checked address, without proxy, redirect or cookie.

The time limit ends the connection whatever it does: the limits of sockets are for each read, and a
server that sends a byte now and then would hold them for ever.
"""

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from time import monotonic

from foundation.webhooks.errors import UndeliverableTarget, UnsafeWebhookUrl
from foundation.webhooks.targets import Target, pin_address, read_target

SECONDS = 10.0
CONNECT_SECONDS = 3.0
MAX_ANSWER_BYTES = 64 * 1024
KEPT_ANSWER_LENGTH = 2048


@dataclass(frozen=True, slots=True)
class Attempt:
    """The result of one POST.

    ``status`` is None without an answer; then ``error`` says why. ``is_outage``: the host gave no
    answer, which concerns all its webhooks.
    """

    status: int | None
    answer: str
    error: str
    duration_ms: int
    is_outage: bool = False

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class TooSlow(Exception):
    """The time limit ended the connection."""


def post_message(url: str, body: bytes, headers: dict[str, str]) -> Attempt:
    """Send one message; every failure becomes an outcome."""
    start = monotonic()
    status, answer, error, is_outage = None, b"", "", False
    try:
        status, answer = _post(read_target(url), body, headers, start + SECONDS)
    except UnsafeWebhookUrl as refusal:
        error = refusal.message
    except UndeliverableTarget as refusal:
        error = str(refusal)
        is_outage = True
    except TooSlow:
        error, is_outage = f"No whole answer within {SECONDS:.0f} seconds.", True
    except ssl.SSLCertVerificationError as failure:
        error, is_outage = f"The certificate was refused: {failure.verify_message}", True
    except ssl.SSLError as failure:
        error, is_outage = f"TLS failed: {failure.reason or failure}", True
    except (OSError, http.client.HTTPException, ValueError) as failure:
        error, is_outage = f"{type(failure).__name__}: {failure}", True
    if status is not None and not 200 <= status < 300:
        is_redirect = 300 <= status < 400
        error = "Redirects are not followed." if is_redirect else f"The answer was {status}."
    # Errors quote what the host sent.
    shown_error = _without_nul(error[:200])
    return Attempt(status, _as_text(answer), shown_error, _elapsed_ms(start), is_outage)


def _post(
    target: Target, body: bytes, headers: dict[str, str], deadline: float
) -> tuple[int, bytes]:
    address = pin_address(target)
    return exchange("POST", target, address, body, headers, deadline=deadline)


def exchange(
    method: str,
    target: Target,
    address: str,
    body: bytes | None,
    headers: dict[str, str],
    *,
    deadline: float,
    max_bytes: int = MAX_ANSWER_BYTES,
) -> tuple[int, bytes]:
    """Send one request to an address that was looked up; return status and body.

    The body is cut at ``max_bytes``. Raises what `open_exchange` raises.
    """
    with open_exchange(method, target, address, body, headers, deadline=deadline) as response:
        return response.status, response.read(max_bytes)


@contextmanager
def open_exchange(
    method: str,
    target: Target,
    address: str,
    body: bytes | None,
    headers: dict[str, str],
    *,
    deadline: float,
) -> Iterator[http.client.HTTPResponse]:
    """Send one request to an address that was looked up, and yield the response.

    ``deadline`` is a time of ``monotonic``, after which the connection is ended. Raises TooSlow,
    OSError, HTTPException or ValueError.
    """
    seconds = min(CONNECT_SECONDS, max(deadline - monotonic(), 0.1))
    sock = socket.create_connection((address, target.port), timeout=seconds)
    if target.scheme == "https":
        context = ssl.create_default_context()
        # The handshake happens under the time limit below.
        sock = context.wrap_socket(sock, server_hostname=target.host, do_handshake_on_connect=False)
    with sock, _ended_at(sock, deadline):
        # The time limit above ends it first.
        sock.settimeout(2 * SECONDS)
        if isinstance(sock, ssl.SSLSocket):
            sock.do_handshake()
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = sock
        fields = {"Host": target.host_header, "Connection": "close"} | headers
        connection.request(method, target.path, body=body, headers=fields)
        yield connection.getresponse()


@contextmanager
def _ended_at(sock: socket.socket, deadline: float) -> Iterator[None]:
    """Shut a connection down at a moment; the block then raises TooSlow."""
    is_late = threading.Event()

    def stop() -> None:
        is_late.set()
        with suppress(OSError):
            # Not the method of the TLS socket, which would take its state from under the reader.
            socket.socket.shutdown(sock, socket.SHUT_RDWR)

    timer = threading.Timer(max(deadline - monotonic(), 0), stop)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, http.client.HTTPException, ValueError) as error:
        if is_late.is_set():
            raise TooSlow from error
        raise
    finally:
        timer.cancel()
    # A header or a body that was cut here looks like one that ended.
    if is_late.is_set():
        raise TooSlow


def _as_text(answer: bytes) -> str:
    return _without_nul(answer[:KEPT_ANSWER_LENGTH].decode("utf-8", "replace"))


def _without_nul(text: str) -> str:
    # PostgreSQL stores no NUL.
    return text.replace("\0", "\ufffd")


def _elapsed_ms(start: float) -> int:
    return round((monotonic() - start) * 1000)

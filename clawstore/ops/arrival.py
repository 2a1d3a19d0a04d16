"""Decides from its first bytes whether a request has arrived."""

from enum import Enum

HEAD_BYTES = 64 * 1024
# A longer body is read by a thread, after the sender is known.
SMALL_BODY_BYTES = 64 * 1024
END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"\r\ncontent-length:"
LIVENESS = (b"GET /healthz ", b"HEAD /healthz ")
READINESS = (b"GET /readyz ", b"HEAD /readyz ")


class Arrival(Enum):
    PARTIAL = "more bytes must come"
    COMPLETE = "head and body are here"
    LONG = "the head is here, and a thread must read the body"
    PROBE = "a liveness probe"
    READINESS = "a readiness probe: head and body are here"
    TOO_LONG = "the head is longer than any that is accepted"


def examine_arrival(data: bytes | bytearray) -> Arrival:
    """Return what the bytes that arrived on a connection are so far."""
    end = data.find(END_OF_HEAD)
    if end < 0:
        return Arrival.TOO_LONG if len(data) > HEAD_BYTES else Arrival.PARTIAL
    # Before all else: a probe must be answered while the threads are busy.
    if data.startswith(LIVENESS):
        return Arrival.PROBE
    head = bytes(data[:end]).lower()
    # The length of such a body is known to its reader only, and an expecting client waits for a
    # word first.
    if b"\r\ntransfer-encoding:" in head or b"\r\nexpect:" in head:
        return Arrival.LONG
    size = body_length(head)
    if size > SMALL_BODY_BYTES:
        return Arrival.LONG
    if len(data) < end + len(END_OF_HEAD) + size:
        return Arrival.PARTIAL
    return Arrival.READINESS if data.startswith(READINESS) else Arrival.COMPLETE


def body_length(head: bytes) -> int:
    """The length that a head in lowercase announces; 0 if the parser will refuse it."""
    start = head.find(LENGTH)
    if start < 0:
        return 0
    value = head[start + len(LENGTH) :].split(b"\r\n", 1)[0].strip(b" \t")
    # The parser of the server decides about malformed lengths; two opinions would allow request
    # smuggling.
    return int(value) if value.isdigit() and len(value) < 16 else 0

"""Whether a request has arrived, read from its first bytes and before any thread sees it."""

import re
from enum import Enum

HEAD_BYTES = 64 * 1024
# A longer body is read by a thread, after the sender is known.
SMALL_BODY_BYTES = 64 * 1024
END_OF_HEAD = b"\r\n\r\n"
LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,15})[ \t]*\r?$", re.MULTILINE)
PROBE = re.compile(rb"(?:GET|HEAD) /healthz(?:\?[^ ]{0,100})? ")


class Arrival(Enum):
    PARTIAL = "more bytes must come"
    COMPLETE = "head and body are here"
    LONG = "the head is here, and a thread must read the body"
    PROBE = "a liveness probe"
    TOO_LONG = "the head is longer than any that is accepted"


def examine_arrival(data: bytes | bytearray) -> Arrival:
    """Tell what to do with a connection of which these bytes have arrived."""
    end = data.find(END_OF_HEAD)
    if end < 0:
        return Arrival.TOO_LONG if len(data) > HEAD_BYTES else Arrival.PARTIAL
    if PROBE.match(data):
        return Arrival.PROBE
    head = bytes(data[:end]).lower()
    if b"\r\ntransfer-encoding:" in head or b"\r\nexpect:" in head:
        return Arrival.LONG
    length = LENGTH.search(head)
    if length is None:
        return Arrival.COMPLETE
    size = int(length[1])
    if size > SMALL_BODY_BYTES:
        return Arrival.LONG
    is_complete = len(data) >= end + len(END_OF_HEAD) + size
    return Arrival.COMPLETE if is_complete else Arrival.PARTIAL

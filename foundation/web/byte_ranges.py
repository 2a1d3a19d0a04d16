"""Range requests (RFC 9110, section 14): a client continues a broken download."""

from dataclasses import dataclass

from django.http import HttpRequest

from foundation.refusals import Refusal

MAX_DIGITS = 15


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes from `start` up to and including `end`, counted from 0."""

    start: int
    end: int

    @property
    def size(self) -> int:
        return self.end - self.start + 1

    def content_range(self, total: int) -> str:
        return f"bytes {self.start}-{self.end}/{total}"


class RangeNotSatisfiable(Refusal):
    """The range begins behind the file, which has ``details["size"]`` bytes."""

    status = 416
    code = "range_not_satisfiable"
    message = "The range begins behind the end of the file."


def read_range(request: HttpRequest, total: int, etag: str) -> ByteRange | None:
    """Returns the requested part of a file of `total` bytes, or None for all of it.

    All of it is also the response to what this server does not read, as the RFC asks: several
    ranges at once, other units, malformed values. `If-Range` must have the present ETag. Raises
    RangeNotSatisfiable.
    """
    if getattr(request, "is_head", False):  # A range is defined for GET alone.
        return None
    unit, _, value = request.headers.get("Range", "").partition("=")
    first, dash, last = value.strip().partition("-")
    digits = first + last
    if unit.strip().lower() != "bytes" or not dash or not (digits.isascii() and digits.isdigit()):
        return None
    if len(first) > MAX_DIGITS or len(last) > MAX_DIGITS:
        return None
    if request.headers.get("If-Range", etag) != etag:
        return None
    if not first:
        start, end = max(0, total - int(last)), total - 1
    else:
        start, end = int(first), min(int(last), total - 1) if last else total - 1
        if last and int(last) < start:
            return None
    if start > end or start >= total:
        raise RangeNotSatisfiable(size=total)
    return ByteRange(start, end)

"""Other spellings of texts with credentials: escaped, split or in base64.

Markdown escapes underscores, addresses have percent signs, sources split a long string, and files
of Kubernetes are in base64. Each spelling is a short text with the positions that it comes from.
"""

import base64
import binascii
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from foundation.text.expressions import Match, compile_bytes

# A joint between two parts of a string, the end of a line that goes on, and characters that are
# written otherwise or cannot be seen.
_SPACES = rb"[ \t]{0,40}"
_QUOTE = rb"[\"'`]"
_JOINT = (
    rb"(?:%(quote)s%(spaces)s[+.&]?%(spaces)s\\?(?:\r?\n)?%(spaces)s[+.&]?%(spaces)s%(quote)s"
    rb"|\\\r?\n%(spaces)s)" % {b"quote": _QUOTE, b"spaces": _SPACES}
)
_ESCAPE = (
    rb"\\[_*-]|%(?:2[dDeE]|5[fF]|3[aA]|2[fF]|40)|&#(?:x[0-9A-Fa-f]{2}|[0-9]{2,3});"
    rb"|\\u00[0-9A-Fa-f]{2}|\xe2\x80[\x8b-\x8f]|\xe2\x81\xa0|\xef\xbb\xbf|\xc2\xad"
)
_ANCHOR = compile_bytes(rb"[A-Za-z0-9_-](?:%s)[A-Za-z0-9_-]|%s" % (_JOINT, _ESCAPE))
_PART = compile_bytes(rb"%s|%s" % (_ESCAPE, _JOINT))
_BASE64 = compile_bytes(rb"[A-Za-z0-9+/_-]{24,1000}={0,2}")
# The command `base64` breaks lines, and YAML indents them.
MAX_LINE_BREAK = 60
_LINE_BREAK = compile_bytes(rb"[ \t]*(?:\r?\n|\\r?\\n)[ \t>]*")
_SHORT_LINE = compile_bytes(rb"[ \t]*\r?\n[ \t>]*([A-Za-z0-9+/_-]{2,24}={0,2})(?:\s|$)")
_PRINTABLE = bytes(range(0x20, 0x7F)) + b"\t\r\n"
BEFORE_ANCHOR, BEHIND_ANCHOR = 160, 360
MAX_ENCODED = 1_000


@dataclass(frozen=True, slots=True)
class Spelling:
    """A text. Its pieces begin at `starts` in it, and at `origins` in the window."""

    text: bytes
    starts: tuple[int, ...]
    origins: tuple[int, ...]

    def origin(self, position: int) -> int:
        """Returns the position in the window that a position of the text comes from."""
        index = bisect_right(self.starts, position) - 1
        return self.origins[index] + position - self.starts[index]


def find_spellings(window: bytes, start: int, end: int) -> Iterator[Spelling]:
    """Yields texts that the window spells otherwise between two positions."""
    end_of_last = start
    for anchor in _ANCHOR.finditer(window, start, end):
        if anchor.start() < end_of_last:
            continue
        first = max(start, end_of_last, anchor.start() - BEFORE_ANCHOR)
        end_of_last = anchor.start() + BEHIND_ANCHOR
        yield _unescape(window, first, end_of_last)
    yield from _find_encoded(window, start, end)


def _find_encoded(window: bytes, start: int, end: int) -> Iterator[Spelling]:
    """Yields the texts in base64, those of neighbouring lines as one."""
    text, end_of_last = b"", start
    starts: list[int] = []
    origins: list[int] = []
    for run in _BASE64.finditer(window, start, end):
        if not (line := _decode(run[0])):
            continue
        if text and not _LINE_BREAK.fullmatch(window[end_of_last : run.start()][:MAX_LINE_BREAK]):
            yield Spelling(text + _decode_rest(window, end_of_last), tuple(starts), tuple(origins))
            text, starts, origins = b"", [], []
        starts.append(len(text))
        origins.append(run.start())
        text += line
        end_of_last = run.end()
    if text:
        yield Spelling(text + _decode_rest(window, end_of_last), tuple(starts), tuple(origins))


def _decode_rest(window: bytes, position: int) -> bytes:
    """Returns the text of a last line that is too short to be found by itself."""
    match = _SHORT_LINE.match(window[position : position + MAX_LINE_BREAK])
    return _decode(match[1]) if match else b""


def _unescape(window: bytes, start: int, end: int) -> Spelling:
    text, starts, origins, position = bytearray(), [0], [start], start
    for match in _PART.finditer(window, start, end):
        text += window[position : match.start()]
        starts.append(len(text))
        origins.append(match.start())
        text += _meaning(match)
        position = match.end()
        starts.append(len(text))
        origins.append(position)
    text += window[position:end]
    return Spelling(bytes(text), tuple(starts), tuple(origins))


def _meaning(match: Match[bytes]) -> bytes:
    part = match[0]
    if part.startswith(b"%"):
        return bytes([int(part[1:], 16)])
    if part.startswith(b"\\u"):
        return bytes([int(part[2:], 16)])
    if part.startswith(b"&#"):
        number = part[2:-1]
        code = int(number[1:], 16) if number[:1] == b"x" else int(number)
        return bytes([code]) if code < 0x80 else b""
    return part[1:] if len(part) == 2 and part[:1] == b"\\" and part[1:] in b"_*-" else b""


def _decode(run: bytes) -> bytes:
    """Returns the ASCII text that is written in base64, or nothing."""
    run = run.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")[:MAX_ENCODED]
    run = run[: len(run) - 1] if len(run) % 4 == 1 else run
    run += b"=" * (-len(run) % 4)
    try:
        # Most runs are names or digests, and their first bytes tell.
        if base64.b64decode(run[:16]).translate(None, _PRINTABLE):
            return b""
        text = base64.b64decode(run)
    except binascii.Error:
        return b""
    return b"" if text.translate(None, _PRINTABLE) else text

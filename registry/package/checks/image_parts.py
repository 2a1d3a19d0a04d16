"""Counts the parts of an image file, before a decoder walks through them.

A PNG is a list of chunks, and a JPEG one of segments. The decoder spends some microseconds on each,
also on empty ones, so a file of 10 MiB could keep it busy for ten seconds.
"""

from foundation.text.expressions import compile_bytes

# In a scan, a zero or a restart marker follows each byte 255.
_MARKER = compile_bytes(rb"\xff[^\x00\xd0-\xd7]")
_FILL, _MARKERS_WITHOUT_LENGTH = 0xFF, (0x01, 0xD8, 0xD9)
_PNG_START = b"\x89PNG\r\n\x1a\n"


def has_more_parts(data: bytes, limit: int) -> bool:
    """Whether a PNG or a JPEG has more chunks, segments and fill bytes than this."""
    if data.startswith(_PNG_START):
        return _has_more_chunks(data, limit)
    return data.startswith(b"\xff\xd8") and _has_more_segments(data, limit)


def _has_more_chunks(data: bytes, limit: int) -> bool:
    count, place = 0, len(_PNG_START)
    while place < len(data) and count <= limit:
        place += 12 + int.from_bytes(data[place : place + 4], "big")
        count += 1
    return count > limit


def _has_more_segments(data: bytes, limit: int) -> bool:
    count, place = 0, 2
    while count <= limit and (match := _MARKER.search(data, place)):
        place = match.start() + 2
        marker = data[place - 1]
        if marker == _FILL:
            place -= 1
        elif marker not in _MARKERS_WITHOUT_LENGTH:
            place += int.from_bytes(data[place : place + 2], "big")
        count += 1
    return count > limit

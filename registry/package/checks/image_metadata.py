"""Finds the parts of a picture to store: without place, time and names.

Cameras write the place and the time into pictures, programs write names and paths. Only the
container is read, and the picture itself stays the same bytes. Of colour profiles the colours stay,
and of EXIF data the orientation.
"""

import io
import struct
from collections.abc import Iterator, Sequence

from PIL import Image

from registry.package.checks.checked_image import ImagePart
from registry.package.checks.colour_profiles import (
    JPEG_MARK,
    jpeg_segments,
    png_chunk,
    webp_chunk,
)

_ORIENTATION = 0x0112
# The chunks that a program needs to draw a PNG or an animated one; others are notes.
_PNG_DRAWN = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP"}
    | {b"sBIT", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT", b"mDCV", b"cLLI"}
)
# Each chunk with its flag in the head of the file.
_WEBP_METADATA = {b"EXIF": 0x08, b"XMP ": 0x04, b"ICCP": 0x20}
# APP2 has the colour profile and further pictures, APP14 the colour transform.
_JPEG_METADATA = frozenset({*range(0xE1, 0xF0), 0xFE} - {0xE2, 0xEE})
_START_OF_SCAN = 0xDA
_MARKERS_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})


def parts_without_metadata(data: bytes, content_type: str) -> tuple[ImagePart, ...]:
    """Returns the parts of a checked image that are stored, in their order.

    A file that is not built as its format says is kept as it is.
    """
    finders = {"image/png": _png_parts, "image/jpeg": _jpeg_parts, "image/webp": _webp_parts}
    whole_file = (ImagePart(0, len(data)),)
    try:
        return tuple(finders[content_type](data)) if content_type in finders else whole_file
    except (struct.error, ValueError):
        return whole_file


def join_parts(data: bytes, parts: Sequence[ImagePart]) -> bytes:
    return b"".join(
        bytes.fromhex(part.inserted_bytes) + data[part.start : part.end] for part in parts
    )


def _png_parts(data: bytes) -> Iterator[ImagePart]:
    start, place, insertion = 0, 8, ""
    while place < len(data):
        length, name = struct.unpack_from(">I4s", data, place)
        end = place + 12 + length
        if name not in _PNG_DRAWN or name == b"iCCP":
            yield ImagePart(start, place, insertion)
            start = end
            insertion = png_chunk(data[place + 8 : end - 4]).hex() if name == b"iCCP" else ""
        place = end
        if name == b"IEND":
            break
    # What follows the last chunk is no part of the picture.
    yield ImagePart(start, min(place, len(data)), insertion)


def _jpeg_parts(data: bytes) -> Iterator[ImagePart]:
    insertion = _written_segments(data)
    yield ImagePart(0, 2)
    start = place = 2
    while True:
        mark, marker, length = struct.unpack_from(">BBH", data, place)
        if mark != 0xFF or marker in _MARKERS_WITHOUT_LENGTH:
            raise ValueError("not a segment")
        if marker == _START_OF_SCAN:
            break
        is_profile = data[place + 4 : place + 4 + len(JPEG_MARK)] == JPEG_MARK
        if marker in _JPEG_METADATA or is_profile:
            yield ImagePart(start, place, insertion)
            insertion = ""
            start = place + 2 + length
        place += 2 + length
    # What follows the end of the picture is no part of it, except in a file of several pictures.
    end = data.rfind(b"\xff\xd9") + 2
    is_single = data.count(b"\xff\xd8\xff") == 1
    yield ImagePart(start, end if is_single and end > start + 2 else len(data), insertion)


def _written_segments(data: bytes) -> str:
    """Returns new segments in hex: orientation, unless upright, and colour profile."""
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        orientation = image.getexif().get(_ORIENTATION, 1)
        profile = image.info.get("icc_profile") or b""
    segment = b""
    if orientation in range(2, 9):
        exif = Image.Exif()
        exif[_ORIENTATION] = orientation
        content = exif.tobytes()
        segment = b"\xff\xe1" + struct.pack(">H", len(content) + 2) + content
    return (segment + jpeg_segments(profile)).hex()


def _webp_parts(data: bytes) -> Iterator[ImagePart]:
    kept_bytes = 4
    parts: list[ImagePart] = []
    start = place = 12
    insertion, flags = "", 0
    while place + 8 <= len(data):
        name, length = struct.unpack_from("<4sI", data, place)
        end = min(place + 8 + length + length % 2, len(data))
        if flag := _WEBP_METADATA.get(name, 0):
            parts.append(ImagePart(start, place, insertion))
            profile = webp_chunk(data[place + 8 : end]) if name == b"ICCP" else b""
            start, insertion = end, profile.hex()
            kept_bytes += len(profile)
            flags |= 0 if profile else flag
        else:
            kept_bytes += end - place
        place = end
    if not parts:
        yield ImagePart(0, len(data))
        return
    parts.append(ImagePart(start, place, insertion))
    head = data[:4] + struct.pack("<I", kept_bytes) + data[8:12]
    if data[12:16] == b"VP8X":
        head += data[12:20] + bytes([data[20] & ~flags])
        parts[0] = ImagePart(21, parts[0].end)
    yield ImagePart(0, 0, head.hex())
    yield from parts

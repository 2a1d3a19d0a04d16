"""Makes colour profiles anonymous: without device, program, time and texts.

A screenshot has the profile of its display, with the name and sometimes the serial number of the
device. Without a profile its colours would be wrong. The format is ICC.1:2022.
"""

import struct
import zlib

MAX_PROFILE = 4 << 20
_HEADER, _TABLE_ENTRY = 128, 12
# Of the header: version, class, colour spaces and signature; flags; intent and illuminant.
_STORED_FIELDS = ((8, 24), (36, 40), (44, 48), (64, 80))
_COLOUR_TAGS = frozenset(
    {b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC", b"kTRC", b"wtpt", b"bkpt", b"chad"}
    | {b"A2B0", b"A2B1", b"A2B2", b"B2A0", b"B2A1", b"B2A2", b"gamt", b"cicp", b"chrm"}
)
_COLOUR_TYPES = frozenset(
    {b"XYZ ", b"curv", b"para", b"sf32", b"mft1", b"mft2", b"mAB ", b"mBA ", b"cicp", b"chrm"}
)
_NAME = "colours"


def anonymous_profile(profile: bytes) -> bytes:
    """Returns a profile with nothing but the colours, or b"" for a malformed one."""
    if len(profile) < _HEADER + 4 or profile[36:40] != b"acsp":
        return b""
    try:
        tags = _colour_tags(profile)
    except (struct.error, ValueError):
        return b""
    is_old = profile[8] < 4
    tags[b"desc"] = _old_description() if is_old else _text()
    tags[b"cprt"] = b"text\0\0\0\0\0" if is_old else _text()
    header = bytearray(_HEADER)
    for start, end in _STORED_FIELDS:
        header[start:end] = profile[start:end]
    body = _table_and_content(tags)
    header[:4] = struct.pack(">I", _HEADER + len(body))
    return bytes(header) + body


def _colour_tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, _HEADER)
    if count > 100:
        raise ValueError("more tags than a profile has")
    tags = {}
    for place in range(_HEADER + 4, _HEADER + 4 + count * _TABLE_ENTRY, _TABLE_ENTRY):
        name, start, size = struct.unpack_from(">4sII", profile, place)
        content = profile[start : start + size]
        if name in _COLOUR_TAGS and content[:4] in _COLOUR_TYPES:
            tags[name] = content
    return tags


def _table_and_content(tags: dict[bytes, bytes]) -> bytes:
    start = _HEADER + 4 + len(tags) * _TABLE_ENTRY
    table, content = struct.pack(">I", len(tags)), b""
    # The three curves are often one, and are stored once.
    places: dict[bytes, int] = {}
    for name, value in tags.items():
        if value not in places:
            places[value] = start + len(content)
            content += value + bytes(-len(value) % 4)
        table += struct.pack(">4sII", name, places[value], len(value))
    return table + content


def _text() -> bytes:
    words = _NAME.encode("utf-16-be")
    return b"mluc" + struct.pack(">III4sII", 0, 1, 12, b"enUS", len(words), 28) + words


def _old_description() -> bytes:
    words = _NAME.encode() + b"\0"
    # Empty names in Unicode and in the script code of the Macintosh follow.
    return b"desc" + struct.pack(">II", 0, len(words)) + words + bytes(4 + 4 + 2 + 1 + 67)


def png_chunk(content: bytes) -> bytes:
    """Returns a chunk iCCP for the content of one; b"" if malformed."""
    _, _, compressed_profile = content.partition(b"\0")
    try:
        colours = zlib.decompressobj().decompress(compressed_profile[1:], MAX_PROFILE)
    except zlib.error:
        return b""
    profile = anonymous_profile(colours)
    if not profile:
        return b""
    chunk = b"iCCP" + _NAME.encode() + b"\0\0" + zlib.compress(profile)
    return struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))


def webp_chunk(content: bytes) -> bytes:
    """Returns a chunk ICCP for the content of one; b"" if malformed."""
    profile = anonymous_profile(content)
    if not profile:
        return b""
    return b"ICCP" + struct.pack("<I", len(profile)) + profile + bytes(len(profile) % 2)


def jpeg_segments(profile: bytes) -> bytes:
    """Returns the segments APP2 for a profile, or b"" if it is malformed."""
    content = anonymous_profile(profile)
    longest = 0xFFFF - 2 - 14
    pieces = [content[start : start + longest] for start in range(0, len(content), longest)]
    return b"".join(
        b"\xff\xe2"
        + struct.pack(">H", len(piece) + 16)
        + JPEG_MARK
        + bytes([n, len(pieces)])
        + piece
        for n, piece in enumerate(pieces, start=1)
    )


JPEG_MARK = b"ICC_PROFILE\0"

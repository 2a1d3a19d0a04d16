"""Reads 512-byte tar headers and refuses ambiguous ones (ADR 7)."""

from dataclasses import dataclass

from foundation.text.expressions import compile_bytes
from registry.package.archive.errors import UnreadableArchive

_OCTAL = compile_bytes(rb"[ \x00]*([0-7]*)[ \x00]*")
_TWO_TIMES = compile_bytes(rb"(?s)(?:[0-7 \x00]{12}|[\x80\xff].{11}){2}")
_USTAR = b"ustar\x0000"
_GNU = b"ustar  \x00"
_BEFORE_POSIX = bytes(8)


@dataclass(frozen=True, slots=True)
class TarHeader:
    """The fields of a header that matter.

    `name` is not decoded. It includes bytes after a NUL, where other readers would stop.
    """

    name: bytes
    type: bytes
    mode: int
    size: int


def read_header(block: bytes) -> TarHeader:
    """Returns the header in a block. Raises UnreadableArchive if a field is not valid."""
    magic = block[257:265]
    # The checksum counts its own eight bytes as spaces.
    checksum = sum(block[:148]) + sum(block[156:]) + 8 * ord(" ")
    if checksum != _parse_number(block[148:156]) or magic not in (_USTAR, _GNU, _BEFORE_POSIX):
        raise UnreadableArchive("The file is not a tar, or one of its headers is damaged.")
    name, prefix = block[:100].rstrip(b"\0"), _read_prefix(block, magic)
    return TarHeader(
        name=prefix + b"/" + name if prefix else name,
        type=block[156:157],
        mode=_parse_number(block[100:108]),
        size=_parse_number(block[124:136]),
    )


def _parse_number(field: bytes) -> int:
    """Returns a number in octal or in GNU's base-256 form, never a negative one."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    octal = _OCTAL.fullmatch(field)
    if octal is None:
        raise UnreadableArchive("A number in a tar header is not valid.")
    return int(octal[1] or b"0", 8)


def _read_prefix(block: bytes, magic: bytes) -> bytes:
    """Returns the folder part of a long name; only the ustar format has one."""
    field = block[345:500]
    # node-tar writes two timestamps into the end of this field, after 130 bytes of prefix.
    if magic == _USTAR and not field[130] and _TWO_TIMES.fullmatch(field[131:]):
        return field[:130].rstrip(b"\0")
    if magic == _USTAR or not any(field):
        return field.rstrip(b"\0")
    raise UnreadableArchive("A tar header has fields that programs read differently.")

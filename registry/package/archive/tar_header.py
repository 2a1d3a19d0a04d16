"""One 512-byte tar header, read strictly: what two programs could read differently is refused."""

import re
from dataclasses import dataclass

from registry.package.archive.gzip_stream import Unreadable

_OCTAL = re.compile(rb"[ \0]*([0-7]*)[ \0]*")
_TWO_TIMES = re.compile(rb"(?:[0-7 \0]{12}|[\x80\xff].{11}){2}", re.DOTALL)
_USTAR = b"ustar\x0000"
_GNU = b"ustar  \x00"
_BEFORE_POSIX = bytes(8)


@dataclass(frozen=True, slots=True)
class Header:
    """The fields that matter. `name` is the raw name, with bytes after a NUL if there are any."""

    name: bytes
    type: bytes
    mode: int
    size: int


def read_header(block: bytes) -> Header:
    """Reads a header block; raises Unreadable for a broken checksum or number."""
    magic = block[257:265]
    if _checksum(block) != _number(block[148:156]) or magic not in (_USTAR, _GNU, _BEFORE_POSIX):
        raise Unreadable("The file is not a tar, or one of its headers is damaged.")
    return Header(
        name=_name(block, magic),
        type=block[156:157],
        mode=_number(block[100:108]),
        size=_number(block[124:136]),
    )


def _checksum(block: bytes) -> int:
    return sum(block[:148]) + sum(block[156:]) + 8 * 0x20


def _number(field: bytes) -> int:
    """An octal number, or the base-256 form that larger numbers take; never a negative one."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    octal = _OCTAL.fullmatch(field)
    if octal is None:
        raise Unreadable("A tar header holds a number that cannot be read.")
    return int(octal[1] or b"0", 8)


def _name(block: bytes, magic: bytes) -> bytes:
    name, prefix = block[:100].rstrip(b"\0"), _prefix(block, magic)
    return prefix + b"/" + name if prefix else name


def _prefix(block: bytes, magic: bytes) -> bytes:
    """The folder part of a long name. Only ustar has one; node's tar puts two times behind it."""
    field = block[345:500]
    if magic == _USTAR and not field[130] and _TWO_TIMES.fullmatch(field[131:]):
        return field[:130].rstrip(b"\0")
    if magic == _USTAR or not any(field):
        return field.rstrip(b"\0")
    raise Unreadable("A tar header carries fields that other programs read differently.")

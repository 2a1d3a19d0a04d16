"""Programs, recognised by their structure: texts that merely begin with the same letters pass."""

import re
import struct

HEAD = 256

_INTERPRETERS = (
    "env|sh|bash|dash|zsh|ksh|fish|python|node|deno|bun|perl|ruby|php|lua|pwsh|osascript"
)
_SHEBANG = re.compile(
    rb"(?:\xef\xbb\xbf)?#![ \t]*(?:/|\.{1,2}/|[A-Za-z]:[\\/]|(?:%s)[\d.]*(?:\s|$))"
    % _INTERPRETERS.encode()
)
_MACH_O = {
    b"\xfe\xed\xfa\xce": ">",
    b"\xfe\xed\xfa\xcf": ">",
    b"\xce\xfa\xed\xfe": "<",
    b"\xcf\xfa\xed\xfe": "<",
}
_FAT = {b"\xca\xfe\xba\xbe": ">", b"\xca\xfe\xba\xbf": ">", b"\xbe\xba\xfe\xca": "<"}
_LAST_FAT_COUNT = 44
_FIRST_CLASS_VERSION = 45
_DOS_SUCCESSORS = (b"PE\0\0", b"NE", b"LE", b"LX")


def program_kind(head: bytes) -> str | None:
    """What program the first bytes of a file belong to, or None. Windows programs: see PeProbe."""
    if head[:4] == b"\x7fELF" and len(head) > 6 and head[4] in (1, 2) and head[5] in (1, 2):
        return "an ELF program"
    if head[:4] in _MACH_O:
        return _mach_o(head)
    if head[:4] in _FAT and len(head) >= 8:
        return _fat_or_class(head)
    if head[:4] == b"\0asm" and head[4:8] in (b"\1\0\0\0", b"\r\0\1\0"):
        return "WebAssembly"
    if head[:4] in (b"dex\n", b"\x1bLua", b"BC\xc0\xde"):
        return "a compiled program"
    if _SHEBANG.match(head):
        return "a script with a #! line"
    return None


def _mach_o(head: bytes) -> str | None:
    """File types of Mach-O run from 1 to 12; the field stands behind the processor's two."""
    if len(head) < 16:
        return None
    file_type = struct.unpack_from(_MACH_O[head[:4]] + "I", head, 12)[0]
    return "a Mach-O program" if 1 <= file_type <= 12 else None


def _fat_or_class(head: bytes) -> str | None:
    """Java classes share the magic: there a version of at least 45 stands where Mach-O counts."""
    count = struct.unpack_from(_FAT[head[:4]] + "I", head, 4)[0]
    if 1 <= count <= _LAST_FAT_COUNT:
        return "a Mach-O program for several processors"
    if count & 0xFFFF >= _FIRST_CLASS_VERSION:
        return "a Java class"
    return None


class PeProbe:
    """Follows the pointer of an MZ header: a Windows program has its signature where it points."""

    def __init__(self) -> None:
        self._head = b""
        self._position = 0
        self._target: int | None = None
        self._signature = b""

    @property
    def found(self) -> bool:
        return self._signature.startswith(_DOS_SUCCESSORS)

    def feed(self, chunk: bytes) -> None:
        """Takes the file's bytes in order, in chunks of any size."""
        if len(self._head) < 64:
            self._head += chunk[: 64 - len(self._head)]
            if len(self._head) == 64 and self._head[:2] in (b"MZ", b"ZM"):
                self._target = int.from_bytes(self._head[60:64], "little")
        if self._target is not None and len(self._signature) < 4:
            start = self._target + len(self._signature) - self._position
            if start >= 0:
                self._signature += chunk[start : start + 4 - len(self._signature)]
        self._position += len(chunk)

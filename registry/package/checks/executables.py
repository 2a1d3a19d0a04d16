"""Detects programs by their binary structure.

The first letters alone are not enough: an ordinary text may begin with "MZ" or "#!".
"""

import struct

from foundation.text.expressions import compile_bytes

HEAD_BYTES = 256
"""How much of a file `detect_program` needs."""

_INTERPRETERS = (
    "env|sh|bash|dash|zsh|ksh|fish|python|node|deno|bun|perl|ruby|php|lua|pwsh|osascript"
)
_SHEBANG = compile_bytes(
    rb"(?:\xef\xbb\xbf)?#![ \t]*(?:/|\.{1,2}/|[A-Za-z]:[\\/]|(?:%s)[\d.]*(?:\s|$))"
    % _INTERPRETERS.encode()
)
# Magic numbers, each with the byte order of the numbers that follow.
_MACH_O = {
    b"\xfe\xed\xfa\xce": ">",
    b"\xfe\xed\xfa\xcf": ">",
    b"\xce\xfa\xed\xfe": "<",
    b"\xcf\xfa\xed\xfe": "<",
}
_UNIVERSAL_MACH_O = {
    b"\xca\xfe\xba\xbe": ">",
    b"\xca\xfe\xba\xbf": ">",
    b"\xbe\xba\xfe\xca": "<",
}
_LAST_MACH_O_FILE_TYPE = 12
_FIRST_JAVA_CLASS_VERSION = 45
_WINDOWS_SIGNATURES = (b"PE\0\0", b"NE", b"LE", b"LX")


def detect_program(head: bytes) -> str | None:
    """Returns the kind of program that a file begins with, in words, or None.

    Windows programs need more than the head: see `WindowsProgramProbe`.
    """
    if head[:4] == b"\x7fELF" and len(head) > 6 and head[4] in (1, 2) and head[5] in (1, 2):
        return "an ELF program"
    if head[:4] in _MACH_O and len(head) >= 16:
        file_type = struct.unpack_from(_MACH_O[head[:4]] + "I", head, 12)[0]
        return "a Mach-O program" if 1 <= file_type <= _LAST_MACH_O_FILE_TYPE else None
    if head[:4] in _UNIVERSAL_MACH_O and len(head) >= 8:
        # A universal Mach-O file and a Java class share this magic number. The first continues
        # with a small count of processors, the second with a version of at least 45.
        count = struct.unpack_from(_UNIVERSAL_MACH_O[head[:4]] + "I", head, 4)[0]
        if 1 <= count < _FIRST_JAVA_CLASS_VERSION:
            return "a Mach-O program for several processors"
        return "a Java class" if count & 0xFFFF >= _FIRST_JAVA_CLASS_VERSION else None
    if head[:4] == b"\0asm" and head[4:8] in (b"\1\0\0\0", b"\r\0\1\0"):
        return "WebAssembly"
    if head[:4] in (b"dex\n", b"\x1bLua", b"BC\xc0\xde"):
        return "a compiled program"
    return "a script with a #! line" if _SHEBANG.match(head) else None


class WindowsProgramProbe:
    """Follows the pointer in an MZ header to the signature of a Windows program.

    The signature may be anywhere in the file, so the probe sees every chunk.
    """

    def __init__(self) -> None:
        self._head = b""
        self._position = 0
        self._signature_at: int | None = None
        self._signature = b""

    @property
    def is_program(self) -> bool:
        return self._signature.startswith(_WINDOWS_SIGNATURES)

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes of the file."""
        if len(self._head) < 64:
            self._head += chunk[: 64 - len(self._head)]
            if len(self._head) == 64 and self._head[:2] in (b"MZ", b"ZM"):
                self._signature_at = int.from_bytes(self._head[60:64], "little")
        if self._signature_at is not None and len(self._signature) < 4:
            start = self._signature_at + len(self._signature) - self._position
            if start >= 0:
                self._signature += chunk[start : start + 4 - len(self._signature)]
        self._position += len(chunk)

"""The members of a tar, one after the other, each with its checked name.

Not `tarfile`: it keeps every member in memory, cuts names at a NUL, reads negative and signed
numbers, follows header after header by recursion and takes a member's size from an extended header.
This reader knows the few kinds of member that a package may have and is bounded in all it does.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from registry.package.archive.gzip_stream import BLOCK, TooLarge, UnpackedStream, Unreadable
from registry.package.archive.tar_header import Header, read_header
from registry.package.checks.paths import path_problem, without_dot_slash
from registry.package.limits import PackageLimits

MemberKind = Literal["file", "folder", "link", "special"]

_KINDS: dict[bytes, MemberKind] = {
    b"0": "file",
    b"\0": "file",
    b"1": "link",
    b"2": "link",
    b"5": "folder",
}
_WITHOUT_CONTENT = (b"1", b"2", b"3", b"4", b"5", b"6")
_LONG_NAME, _LONG_LINK, _PAX, _PAX_FOR_ALL = b"L", b"K", b"x", b"g"
_EXTENDED = (_LONG_NAME, _LONG_LINK, _PAX, _PAX_FOR_ALL)


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of the archive; `problem` says why its name is refused, if it is."""

    path: str
    kind: MemberKind
    mode: int
    size: int
    problem: str | None


class TarReader:
    """Iterates over the members; `content()` streams the current one, unread content is skipped."""

    def __init__(self, stream: UnpackedStream, limits: PackageLimits) -> None:
        self._stream = stream
        self._limits = limits
        self._unread = 0
        self._extended: dict[bytes, bytes] = {}

    def __iter__(self) -> Iterator[Member]:
        blocks = 0
        while (block := self._stream.block()) is not None:
            blocks += 1
            if not any(block):
                return self._read_to_the_end()
            header = read_header(block)
            if header.type in _EXTENDED:
                self._extend(header)
                continue
            yield self._member(header)
            self._skip()
        # Some programs leave out the two empty blocks at the end: whole members are enough.
        if not blocks or self._extended:
            raise Unreadable("The tar is cut off before its first file or after a header.")

    def content(self) -> Iterator[bytes]:
        """The bytes of the member that was yielded last, in chunks."""
        size, self._unread = self._unread, 0
        yield from self._stream.content(size)
        self._stream.framing(-size % BLOCK)

    def _skip(self) -> None:
        for _ in self.content():
            pass

    def _read_to_the_end(self) -> None:
        """After the first empty block nothing but zeros may come: some programs read on."""
        if self._extended:
            raise Unreadable("The tar ends after a header.")
        while (block := self._stream.block()) is not None:
            if any(block):
                raise Unreadable("There are bytes after the end of the tar.")

    def _extend(self, header: Header) -> None:
        if header.size > self._limits.header_bytes:
            raise TooLarge(f"An extended header exceeds {self._limits.header_bytes} bytes.")
        if header.type in self._extended:
            raise Unreadable("A file in the tar has two extended headers of one kind.")
        data = self._stream.framing(header.size)
        self._stream.framing(-header.size % BLOCK)
        if header.type == _PAX_FOR_ALL:
            _refuse_names_for_all(read_pax(data))
        else:
            self._extended[header.type] = data

    def _member(self, header: Header) -> Member:
        pax = read_pax(self._extended.pop(_PAX, b""))
        raw = _full_name(header.name, self._extended.pop(_LONG_NAME, None), pax.get(b"path"))
        self._extended.clear()
        kind = _KINDS.get(header.type, "special")
        if kind == "file" and raw.endswith(b"/"):
            kind = "folder"
        self._unread = _content_size(header, pax, kind)
        if any(key.startswith(b"GNU.sparse") for key in pax):
            kind = "special"
        path, problem = _checked_name(raw, kind)
        return Member(path, kind, header.mode, self._unread, problem)


def read_pax(data: bytes) -> dict[bytes, bytes]:
    """The `length key=value` records of a pax header; raises Unreadable when they do not add up."""
    records, start = {}, 0
    while start < len(data):
        space = data.find(b" ", start, start + 8)
        digits = data[start:space] if space > 0 else b""
        end = start + int(digits) if digits.isdigit() else 0
        key, equals, value = data[space + 1 : end - 1].partition(b"=")
        if end <= space + 1 or end > len(data) or data[end - 1 : end] != b"\n" or not equals:
            raise Unreadable("A pax header is damaged.")
        records[key] = value
        start = end
    return records


def _refuse_names_for_all(records: dict[bytes, bytes]) -> None:
    if any(key in (b"path", b"linkpath", b"size") or b"sparse" in key for key in records):
        raise Unreadable("A pax header for the whole archive renames or resizes its files.")


def _full_name(short: bytes, long: bytes | None, pax: bytes | None) -> bytes:
    """The one name of the member: two different long names would be two readers' two files."""
    if long is not None:
        long = long.removesuffix(b"\0")
    if long is not None and pax is not None and long != pax:
        raise Unreadable("A file in the tar has two names.")
    return next(name for name in (pax, long, short) if name is not None)


def _content_size(header: Header, pax: dict[bytes, bytes], kind: MemberKind) -> int:
    if pax.get(b"size", b"%d" % header.size) != b"%d" % header.size:
        raise Unreadable("A file in the tar has two sizes.")
    if header.type in _WITHOUT_CONTENT:
        return 0
    if kind == "folder" and header.size:
        raise Unreadable("A folder in the tar has content.")
    return header.size


def _checked_name(raw: bytes, kind: MemberKind) -> tuple[str, str | None]:
    """The name as text without `./`, and why it is refused, if it is."""
    try:
        path = raw.decode()
    except UnicodeDecodeError:
        return raw.decode(errors="backslashreplace"), "is not UTF-8"
    path = without_dot_slash(path)
    if kind == "folder":
        path = path.removesuffix("/")
        if path in ("", "."):
            return "", None
    return path, path_problem(path)

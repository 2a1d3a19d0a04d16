"""Reads the members of a tar one by one and checks their names (ADR 7).

`tarfile` is not used: it keeps every member in memory, cuts names at a NUL, accepts negative
numbers, follows extended headers by recursion and lets them change the size of a member. This
reader knows the few kinds of members that a package may have, and all its work is bounded.
"""

from collections.abc import Iterator

from registry.package.archive.errors import ArchiveTooLarge, UnreadableArchive
from registry.package.archive.gzip_stream import BLOCK_BYTES, UnpackedStream
from registry.package.archive.members import Member, MemberKind
from registry.package.archive.tar_header import TarHeader, read_header
from registry.package.checks.paths import normalise_path, path_problem
from registry.package.limits import PackageLimits, format_bytes

_KINDS: dict[bytes, MemberKind] = {
    b"0": "file",
    b"\0": "file",
    b"1": "link",
    b"2": "link",
    b"5": "folder",
}
_TYPES_WITHOUT_CONTENT = (b"1", b"2", b"3", b"4", b"5", b"6")
_LONG_NAME, _LONG_LINK, _PAX, _GLOBAL_PAX = b"L", b"K", b"x", b"g"
_EXTENDED_HEADERS = (_LONG_NAME, _LONG_LINK, _PAX, _GLOBAL_PAX)


class TarReader:
    """An `Archive` in a tar. Content that the caller does not read is skipped."""

    def __init__(self, stream: UnpackedStream, limits: PackageLimits) -> None:
        self._stream = stream
        self._limits = limits
        self._unread_bytes = 0
        self._extended_headers: dict[bytes, bytes] = {}

    def __iter__(self) -> Iterator[Member]:
        block_count = 0
        while (block := self._stream.read_block()) is not None:
            block_count += 1
            if not any(block):
                self._read_to_end()
                return
            header = read_header(block)
            if header.type in _EXTENDED_HEADERS:
                self._read_extended_header(header)
                continue
            yield self._read_member(header)
            # What the caller left is skipped, or the next header would be read from its middle.
            for _ in self.content():
                pass
        # Some programs omit the two empty blocks that end a tar, so a complete last member is
        # enough.
        if not block_count or self._extended_headers:
            raise UnreadableArchive("The tar is cut off before its first file or after a header.")

    def content(self) -> Iterator[bytes]:
        size, self._unread_bytes = self._unread_bytes, 0
        yield from self._stream.read_content(size)
        self._stream.read_framing(-size % BLOCK_BYTES)

    def _read_to_end(self) -> None:
        """Refuses bytes after the first empty block: some programs read files there."""
        if self._extended_headers:
            raise UnreadableArchive("The tar ends after a header.")
        while (block := self._stream.read_block()) is not None:
            if any(block):
                raise UnreadableArchive("There are bytes after the end of the tar.")

    def _read_extended_header(self, header: TarHeader) -> None:
        if header.size > self._limits.header_bytes:
            limit = format_bytes(self._limits.header_bytes)
            raise ArchiveTooLarge(f"An extended tar header is larger than {limit}.")
        # Programs disagree about which of the two counts.
        if header.type in self._extended_headers:
            raise UnreadableArchive("A file in the tar has two extended headers of one kind.")
        data = self._stream.read_framing(header.size)
        self._stream.read_framing(-header.size % BLOCK_BYTES)
        if header.type != _GLOBAL_PAX:
            self._extended_headers[header.type] = data
            return
        for key in parse_pax(data):
            if key in (b"path", b"linkpath", b"size") or b"sparse" in key:
                raise UnreadableArchive("A global pax header renames or resizes files.")

    def _read_member(self, header: TarHeader) -> Member:
        pax = parse_pax(self._extended_headers.pop(_PAX, b""))
        name = _full_name(
            header.name, self._extended_headers.pop(_LONG_NAME, None), pax.get(b"path")
        )
        # They were about this member alone.
        self._extended_headers.clear()
        kind = _KINDS.get(header.type, "special")
        # The oldest tars have no type for a folder.
        if kind == "file" and name.endswith(b"/"):
            kind = "folder"
        self._unread_bytes = _content_size(header, pax, kind)
        # A sparse file has holes, which only some programs fill.
        if any(key.startswith(b"GNU.sparse") for key in pax):
            kind = "special"
        path, problem = _check_name(name, kind)
        return Member(path, kind, header.mode, self._unread_bytes, problem)


def parse_pax(data: bytes) -> dict[bytes, bytes]:
    """Returns the `length key=value` records of a pax header by key.

    Raises UnreadableArchive if the lengths do not match the data.
    """
    records, start = {}, 0
    while start < len(data):
        space = data.find(b" ", start, start + 8)
        digits = data[start:space] if space > 0 else b""
        end = start + int(digits) if digits.isdigit() else 0
        key, equals, value = data[space + 1 : end - 1].partition(b"=")
        if end <= space + 1 or end > len(data) or data[end - 1 : end] != b"\n" or not equals:
            raise UnreadableArchive("A pax header is damaged.")
        records[key] = value
        start = end
    return records


def _full_name(short_name: bytes, long_name: bytes | None, pax_path: bytes | None) -> bytes:
    """Returns the name of a member.

    Raises UnreadableArchive if the two kinds of long names differ, because different programs
    would use different ones.
    """
    if long_name is not None:
        long_name = long_name.removesuffix(b"\0")
    if long_name is not None and pax_path is not None and long_name != pax_path:
        raise UnreadableArchive("A file in the tar has two names.")
    return next(name for name in (pax_path, long_name, short_name) if name is not None)


def _content_size(header: TarHeader, pax: dict[bytes, bytes], kind: MemberKind) -> int:
    if pax.get(b"size", b"%d" % header.size) != b"%d" % header.size:
        raise UnreadableArchive("A file in the tar has two sizes.")
    if header.type in _TYPES_WITHOUT_CONTENT:
        return 0
    if kind == "folder" and header.size:
        raise UnreadableArchive("A folder in the tar has content.")
    return header.size


def _check_name(name: bytes, kind: MemberKind) -> tuple[str, str | None]:
    """Returns the name as a path without `./`, and its problem or None."""
    try:
        path = name.decode()
    except UnicodeDecodeError:
        return name.decode(errors="backslashreplace"), "is not UTF-8"
    path = normalise_path(path)
    if kind == "folder":
        path = path.removesuffix("/")
        # The root of the archive itself: node-tar and GNU tar write it as "./".
        if path in ("", "."):
            return "", None
    return path, path_problem(path)

"""Reads the directory of a zip and the headers before its files (ADR 54).

A zip says everything twice: in the directory at its end, and before each file. Programs believe the
one or the other. This reader accepts a zip only if both say the same, and if its records cover the
whole file without a gap or an overlap.
"""

import stat
import struct
import zlib
from dataclasses import dataclass
from typing import BinaryIO

from registry.package.archive.errors import ArchiveTooLarge, TooManyFiles, UnreadableArchive
from registry.package.archive.members import MemberKind
from registry.package.limits import PackageLimits, format_bytes

_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_MAX_COMMENT = 0xFFFF
_UNKNOWN = 0xFFFFFFFF
"""In place of a size that only the extension for large files (zip64) has."""
MAX_ENTRIES = 0xFFFE
STORED, DEFLATED = 0, 8

_ENCRYPTED = 0x0001 | 0x0040 | 0x2000
_PATCHED = 0x0020
_HAS_DESCRIPTOR = 0x0008
_IS_UTF8 = 0x0800
_UNIX_HOSTS = (3, 19)
_DOS_HOSTS = (0, 10, 11, 14)
_ZIP64, _UNICODE_PATH = 0x0001, 0x7075


@dataclass(frozen=True, slots=True)
class ZipEntry:
    """A file or a folder of a zip. `start` is where its packed bytes begin.

    `name` is decoded; `problem` says why it cannot be, in words that follow "the name".
    """

    name: str
    kind: MemberKind
    mode: int
    method: int
    checksum: int
    packed_size: int
    size: int
    start: int
    problem: str | None


@dataclass(frozen=True, slots=True)
class _Record:
    """An entry of the directory."""

    host: int
    flags: int
    method: int
    checksum: int
    packed_size: int
    size: int
    attributes: int
    offset: int
    name: bytes
    extra: bytes


def read_entries(stream: BinaryIO, limits: PackageLimits) -> list[ZipEntry]:
    """Returns all entries, ordered by name. Raises ArchiveError."""
    size = stream.seek(0, 2)
    if size > limits.tarball_bytes:
        raise ArchiveTooLarge(f"The zip is larger than {format_bytes(limits.tarball_bytes)}.")
    directory_start, directory, count = _read_directory(stream, size, limits)
    records = sorted(_parse_directory(directory, count), key=lambda record: record.offset)
    entries, expected_offset = [], 0
    ends = [record.offset for record in records[1:]] + [directory_start]
    for record, end in zip(records, ends, strict=True):
        if record.offset != expected_offset:
            raise UnreadableArchive("There are bytes in the zip that belong to no file.")
        entries.append(_read_entry(stream, record, end))
        expected_offset = end
    return sorted(entries, key=lambda entry: entry.name)


def _read_directory(stream: BinaryIO, size: int, limits: PackageLimits) -> tuple[int, bytes, int]:
    """Returns the start of the directory, its bytes and its number of entries."""
    tail_start = max(0, size - _END.size - _MAX_COMMENT)
    stream.seek(tail_start)
    end_start = _find_end(stream.read(size - tail_start))
    if end_start is None:
        raise UnreadableArchive(
            "The zip is cut off, has bytes after its end, or could be read in two ways."
        )
    stream.seek(tail_start + end_start)
    fields = _END.unpack(stream.read(_END.size))
    _, disk, first_disk, count_here, count, directory_size, directory_start, _ = fields
    if _UNKNOWN in (directory_size, directory_start) or count > MAX_ENTRIES:
        raise TooManyFiles(f"The zip has more than {MAX_ENTRIES:,} entries, or is of type zip64.")
    if disk or first_disk or count_here != count:
        raise UnreadableArchive("The zip is one of several parts.")
    if directory_start + directory_size != tail_start + end_start:
        raise UnreadableArchive(
            "There are bytes before or inside of the zip that belong to no file."
        )
    if not count:
        raise UnreadableArchive("The zip is empty.")
    if directory_size > limits.framing_bytes:
        raise ArchiveTooLarge("The directory of the zip is too large.")
    stream.seek(directory_start)
    return directory_start, stream.read(directory_size), count


def _find_end(tail: bytes) -> int | None:
    """Returns the only place where the end record fits the end of the file, or None."""
    places, place = [], tail.find(b"PK\x05\x06")
    while place != -1:
        comment_size = tail[place + 20 : place + 22]
        end = place + _END.size + int.from_bytes(comment_size, "little")
        if len(comment_size) == 2 and end == len(tail):
            places.append(place)
        place = tail.find(b"PK\x05\x06", place + 1)
    # A second one in the comment would give some programs another directory.
    return places[0] if len(places) == 1 else None


def _parse_directory(data: bytes, count: int) -> list[_Record]:
    records, position = [], 0
    for _ in range(count):
        fields = data[position : position + _CENTRAL.size]
        if len(fields) < _CENTRAL.size or not fields.startswith(b"PK\x01\x02"):
            raise UnreadableArchive("The directory of the zip is damaged.")
        (_, made_by, _, flags, method, _, _, checksum, packed_size, size, name_size, extra_size) = (
            _CENTRAL.unpack(fields)[:12]
        )
        comment_size, disk, _, attributes, offset = _CENTRAL.unpack(fields)[12:]
        name_start = position + _CENTRAL.size
        extra_start = name_start + name_size
        position = extra_start + extra_size + comment_size
        if disk or _UNKNOWN in (packed_size, size, offset):
            raise UnreadableArchive("A file of the zip is of type zip64, which is for huge files.")
        records.append(
            _Record(
                host=made_by >> 8,
                flags=flags,
                method=method,
                checksum=checksum,
                packed_size=packed_size,
                size=size,
                attributes=attributes,
                offset=offset,
                name=data[name_start:extra_start],
                extra=data[extra_start : extra_start + extra_size],
            )
        )
    if position != len(data):
        raise UnreadableArchive("The directory of the zip has bytes that belong to no file.")
    return records


def _read_entry(stream: BinaryIO, record: _Record, end: int) -> ZipEntry:
    """Reads the header before a file, whose record ends at `end`."""
    if record.flags & _ENCRYPTED:
        raise UnreadableArchive("The zip is encrypted. Make one without a password.")
    if record.method not in (STORED, DEFLATED) or record.flags & _PATCHED:
        raise UnreadableArchive(
            "The zip is packed by a method that few programs know. Zip it with an ordinary program."
        )
    stream.seek(record.offset)
    header = stream.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        raise UnreadableArchive("A file of the zip is not where its directory says.")
    (_, _, flags, method, _, _, checksum, packed_size, size, name_size, extra_size) = _LOCAL.unpack(
        header
    )
    name, extra = stream.read(name_size), stream.read(extra_size)
    start = record.offset + _LOCAL.size + name_size + extra_size
    is_same_name = name == record.name and not (flags ^ record.flags) & _IS_UTF8
    if not is_same_name or method != record.method or flags & _ENCRYPTED:
        raise UnreadableArchive("A file of the zip has two names, or is packed in two ways.")
    facts = (record.checksum, record.packed_size, record.size)
    sizes = _local_sizes(packed_size, size, extra)
    is_deferred = bool(flags & _HAS_DESCRIPTOR) and (checksum, *sizes) == (0, 0, 0)
    if (checksum, *sizes) != facts and not is_deferred:
        raise UnreadableArchive("A file of the zip has two sizes or two checksums.")
    gap = end - start - record.packed_size
    if gap < 0:
        raise UnreadableArchive("Two files of the zip overlap.")
    if gap or is_deferred:
        stream.seek(start + record.packed_size)
        if not flags & _HAS_DESCRIPTOR or stream.read(gap) not in _descriptors(facts):
            raise UnreadableArchive("There are bytes in the zip that belong to no file.")
    text, problem = _decode_name(record)
    kind = _kind_of(record, text)
    return ZipEntry(
        name=text,
        kind=kind,
        mode=_mode_of(record),
        method=record.method,
        checksum=record.checksum,
        packed_size=record.packed_size,
        size=record.size,
        start=start,
        problem=problem,
    )


def _local_sizes(packed_size: int, size: int, extra: bytes) -> tuple[int, int]:
    """Returns the sizes in a header, or in its zip64 field if they are there."""
    field = _extra_field(extra, _ZIP64)
    if (packed_size, size) == (_UNKNOWN, _UNKNOWN) and field is not None and len(field) >= 16:
        size, packed_size = struct.unpack_from("<2Q", field)
    return packed_size, size


def _descriptors(facts: tuple[int, int, int]) -> tuple[bytes, ...]:
    """Returns the forms of the record that may come behind the packed bytes of a file."""
    forms = [struct.pack("<3L", *facts), struct.pack("<LQQ", *facts)]
    return (*forms, *(b"PK\x07\x08" + form for form in forms))


def _extra_field(extra: bytes, kind: int) -> bytes | None:
    position = 0
    while position + 4 <= len(extra):
        field_kind, size = struct.unpack_from("<HH", extra, position)
        if field_kind == kind:
            return extra[position + 4 : position + 4 + size]
        position += 4 + size
    return None


def _decode_name(record: _Record) -> tuple[str, str | None]:
    """Returns the name, with `/` between its parts, and its problem or None.

    Without the flag for UTF-8 the format means the code page 437, but macOS and others write UTF-8.
    """
    raw_name, problem = record.name, None
    try:
        name = raw_name.decode()
    except UnicodeDecodeError:
        is_utf8 = bool(record.flags & _IS_UTF8)
        name = raw_name.decode("utf-8" if is_utf8 else "cp437", errors="backslashreplace")
        problem = "is not UTF-8" if is_utf8 else None
    field = _extra_field(record.extra, _UNICODE_PATH)
    if field is not None:
        unicode_name = _unicode_path(field, raw_name)
        if unicode_name is None or (raw_name.isascii() and unicode_name != name):
            raise UnreadableArchive("A file of the zip has two names.")
        name, problem = unicode_name, None
    # Older programs of Windows write its own separator, and no other.
    if record.host in _DOS_HOSTS and "/" not in name:
        name = name.replace("\\", "/")
    return name, problem


def _unicode_path(field: bytes, raw_name: bytes) -> str | None:
    if len(field) < 5 or field[0] != 1 or field[1:5] != struct.pack("<L", zlib.crc32(raw_name)):
        return None
    try:
        return field[5:].decode()
    except UnicodeDecodeError:
        return None


def _kind_of(record: _Record, name: str) -> MemberKind:
    file_type = stat.S_IFMT(record.attributes >> 16)
    if file_type == stat.S_IFLNK:
        return "link"
    if record.host in _UNIX_HOSTS and file_type not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "special"
    is_folder = name.endswith("/") or (record.host in _UNIX_HOSTS and file_type == stat.S_IFDIR)
    if is_folder and record.size:
        raise UnreadableArchive("A folder in the zip has content.")
    return "folder" if is_folder else "file"


def _mode_of(record: _Record) -> int:
    return (record.attributes >> 16) & 0o7777 if record.host in _UNIX_HOSTS else 0o644

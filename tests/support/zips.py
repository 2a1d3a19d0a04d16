"""Builds zips, also such as no program writes.

The same arguments give the same bytes.
"""

import struct
import zlib
from dataclasses import dataclass, field

UTF8, DESCRIPTOR, ENCRYPTED = 0x0800, 0x0008, 0x0001
UNIX, DOS = 3, 0
FILE_MODE, LINK_MODE, PIPE_MODE, FOLDER_MODE = 0o100644, 0o120777, 0o010644, 0o040755


@dataclass
class Entry:
    """A file of a zip. What begins with `local_` or `central_` is said there alone."""

    name: str | bytes
    content: bytes | str = b""
    method: int = 8
    flags: int = 0
    host: int = UNIX
    mode: int = FILE_MODE
    extra: bytes = b""
    packed_bytes: bytes | None = None
    central: dict[str, object] = field(default_factory=dict)
    local: dict[str, object] = field(default_factory=dict)
    has_descriptor: bool = False
    gap: bytes = b""

    @property
    def raw_name(self) -> bytes:
        return self.name if isinstance(self.name, bytes) else self.name.encode()

    @property
    def data(self) -> bytes:
        return self.content.encode() if isinstance(self.content, str) else self.content


def deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    return compressor.compress(data) + compressor.flush()


def make_zip(*entries: Entry, **end: object) -> bytes:
    """Returns a zip. `end` changes its last record, or adds `prefix` or `suffix`."""
    body, directory = b"", b""
    offset = 0
    for entry in entries:
        packed_bytes = entry.packed_bytes
        if packed_bytes is None:
            packed_bytes = deflate(entry.data) if entry.method == 8 else entry.data
        flags = entry.flags | (DESCRIPTOR if entry.has_descriptor else 0)
        facts = {
            "flags": flags,
            "method": entry.method,
            "checksum": zlib.crc32(entry.data),
            "packed_size": len(packed_bytes),
            "size": len(entry.data),
            "name": entry.raw_name,
            "extra": entry.extra,
            "offset": offset,
        }
        local = dict(facts)
        if entry.has_descriptor:
            local |= {"checksum": 0, "packed_size": 0, "size": 0}
        record = _local(local | entry.local) + packed_bytes
        if entry.has_descriptor:
            record += b"PK\x07\x08" + struct.pack(
                "<3L", facts["checksum"], facts["packed_size"], facts["size"]
            )
        record += entry.gap
        directory += _central(facts | entry.central, entry.host, entry.mode)
        body += record
        offset += len(record)
    fields = {"count": len(entries), "size": len(directory), "start": len(body), "comment": b""}
    fields |= end
    comment = fields["comment"]
    last = struct.pack(
        "<4s4H2LH",
        b"PK\x05\x06",
        0,
        0,
        fields["count"],
        fields["count"],
        fields["size"],
        fields["start"],
        len(comment),
    )
    return end.get("prefix", b"") + body + directory + last + comment + end.get("suffix", b"")


def _local(facts: dict) -> bytes:
    return (
        struct.pack(
            "<4s5H3L2H",
            b"PK\x03\x04",
            20,
            facts["flags"],
            facts["method"],
            0,
            0x21,
            facts["checksum"],
            facts["packed_size"],
            facts["size"],
            len(facts["name"]),
            len(facts["extra"]),
        )
        + facts["name"]
        + facts["extra"]
    )


def _central(facts: dict, host: int, mode: int) -> bytes:
    return (
        struct.pack(
            "<4s6H3L5H2L",
            b"PK\x01\x02",
            host << 8 | 20,
            20,
            facts["flags"],
            facts["method"],
            0,
            0x21,
            facts["checksum"],
            facts["packed_size"],
            facts["size"],
            len(facts["name"]),
            len(facts["extra"]),
            0,
            0,
            0,
            mode << 16,
            facts["offset"],
        )
        + facts["name"]
        + facts["extra"]
    )

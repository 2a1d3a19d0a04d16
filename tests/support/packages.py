"""Builds packages. The same arguments give the same bytes."""

import gzip
import io
import json
import struct
import tarfile
import zlib
from typing import Any

from registry.package.checks.package import check_package
from registry.package.limits import PackageLimits
from registry.package.manifest.categories import CATEGORIES
from registry.package.reader import Package, read_tarball

Files = dict[str, bytes | str]

GOOD_FILES: Files = {
    "README.md": "# Planner\n\nPlans a day. See [the notes](docs/notes.md).\n",
    "docs/notes.md": "Notes.\n",
    "workspace/AGENTS.md": "You plan the day.\n",
    "workspace/USER.md": "Who the operator is.\n",
}


def manifest(**changes: Any) -> dict[str, Any]:
    """Returns a valid agent.json with changes; None leaves a key out."""
    document: dict[str, Any] = {
        "schemaVersion": 1,
        "id": "@ada/planner",
        "version": "1.0.0",
        "name": "Planner",
        "tagline": "Plans a day",
        "description": "# Planner\n\nPlans a day.",
        "category": "productivity",
        "tags": ["planning"],
        "author": {"name": "Ada"},
        "license": "MIT",
        "agent": {"defaults": {"model": "anthropic/claude"}},
        "files": ["**"],
        "openclaw": {
            "entrypoints": {"AGENTS.md": "workspace/AGENTS.md"},
            "templates": {"USER.md": "workspace/USER.md"},
        },
    }
    document.update(changes)
    return {key: value for key, value in document.items() if value is not None}


def as_bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


def package_files(files: Files | None = None, document: object = None) -> dict[str, bytes]:
    """Returns the files of a good package, replaced or extended by `files`."""
    all_texts: Files = {"agent.json": json.dumps(document or manifest(), indent=2), **GOOD_FILES}
    all_texts.update(files or {})
    return {path: as_bytes(content) for path, content in all_texts.items()}


def tarball(files: Files | None = None, manifest: object = None, **format: Any) -> bytes:
    """Returns a good package as a .tgz, replaced or extended by `files`."""
    return pack_files(package_files(files, manifest), **format)


def pack_files(files: dict[str, bytes], *, format: int = tarfile.USTAR_FORMAT) -> bytes:
    """Returns exactly these files as a .tgz."""
    return compress(tar([member(path, content) for path, content in files.items()], format=format))


Member = tuple[tarfile.TarInfo, bytes]


def member(path: str, content: bytes | str = b"", **fields: Any) -> Member:
    """Returns a member of a tar; `fields` are attributes of TarInfo, such as `mode`."""
    content = as_bytes(content)
    info = tarfile.TarInfo(path)
    info.size, info.mode = len(content), 0o644
    for name, value in fields.items():
        setattr(info, name, value)
    return info, content


def tar(members: list[Member], *, format: int = tarfile.USTAR_FORMAT) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=format) as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return stream.getvalue()


def compress(data: bytes) -> bytes:
    return gzip.compress(data, compresslevel=6, mtime=0)


def header(name: bytes = b"a.md", size: bytes = b"0", **fields: bytes) -> bytes:
    """Returns a raw tar header.

    `fields` may be `mode`, `type`, `magic`, `prefix` and `checksum`.
    """
    block = struct.pack(
        "100s8s8s8s12s12s8sc100s8s32s32s8s8s155s12x",
        name,
        fields.get("mode", b"0000644"),
        b"0",
        b"0",
        size.rjust(11, b"0") if len(size) < 12 else size,
        b"0",
        b" " * 8,
        fields.get("type", b"0"),
        b"",
        fields.get("magic", b"ustar\x0000"),
        b"",
        b"",
        b"",
        b"",
        fields.get("prefix", b""),
    )
    checksum = fields.get("checksum", b"%06o\0 " % sum(block))
    return block[:148] + checksum + block[156:]


def raw_tarball(*blocks: bytes, end: bytes = bytes(1024)) -> bytes:
    """Returns a .tgz of raw headers and contents, each padded to whole blocks."""
    return compress(b"".join(block + bytes(-len(block) % 512) for block in blocks) + end)


def pax(records: dict[str, str | bytes]) -> bytes:
    """Returns a pax header with its content."""
    data = b"".join(_record(key.encode(), as_bytes(value)) for key, value in records.items())
    return header(b"PaxHeader", b"%o" % len(data), type=b"x") + data + bytes(-len(data) % 512)


def _record(key: bytes, value: bytes) -> bytes:
    body = b" " + key + b"=" + value + b"\n"
    length = len(body) + 1
    while len(b"%d" % length) + len(body) != length:
        length += 1
    return b"%d" % length + body


def png(width: int = 1, height: int = 1) -> bytes:
    """Returns a grey PNG whose header claims this size; a large one is cut off."""
    rows = zlib.compress(b"".join(b"\0" + bytes(width) for _ in range(min(height, 64))))
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)),
        (b"IDAT", rows),
        (b"IEND", b""),
    )
    chunks = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def read(data: bytes, **limits: int) -> Package:
    return read_tarball(io.BytesIO(data), PackageLimits(**limits))


def check_codes(data: bytes, *, claimed_manifest: object = None, **limits: int) -> list[str]:
    """Returns the codes of the findings of a tarball, in order."""
    package = read(data, **limits)
    findings = check_package(
        package, claimed_manifest=claimed_manifest, assets=(), categories=CATEGORIES
    )
    return [finding.code for finding in findings]

"""Packages to publish: small ones, and one of a hundred mebibytes."""

import os
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson

from devtools.synthetic.packages import build_package

BOUNDARY = "bench-boundary"
MIB = 1024 * 1024
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
PICTURES, PICTURE_SIZE = 11, 9 * MIB
LINES = 400


def manifest_named(scope: str, name: str, version: str) -> dict[str, Any]:
    return {
        "schemaVersion": 1,
        "id": f"@{scope}/{name}",
        "version": version,
        "name": "Bench Agent",
        "tagline": "Stands still and is measured",
        "description": "An agent for measurements.\n",
        "category": "other",
        "tags": [],
        "author": {"name": scope},
        "license": "MIT",
        "agent": {"defaults": {"model": "any"}},
        "files": ["**/*"],
        "openclaw": {"entrypoints": {"AGENTS.md": "AGENTS.md"}},
    }


def package_named(scope: str, name: str, version: str) -> tuple[bytes, bytes]:
    """Metadata and tarball of a package of four small files."""
    manifest = manifest_named(scope, name, version)
    return orjson.dumps(manifest), build_package(manifest)


def manual_named(scope: str, name: str, version: int) -> tuple[bytes, bytes]:
    """Metadata and tarball of a package with a long text, of which every version says a fifth in
    other words."""
    manifest = manifest_named(scope, name, f"1.0.{version}")
    lines = (_line(number, version) for number in range(LINES))
    files = {"agent.json": orjson.dumps(manifest), "AGENTS.md": "\n".join(lines).encode()}
    plain = BytesIO()
    with tarfile.open(fileobj=plain, mode="w:gz", compresslevel=1) as tar:
        for path, content in files.items():
            _add(tar, path, content)
    return files["agent.json"], plain.getvalue()


def _line(number: int, version: int) -> str:
    edits = (version + number % 5) // 5
    return f"- Rule {number}: ask {edits} people before you act, write down what {edits * 7} said."


def multipart(metadata: bytes, tarball: bytes) -> tuple[str, bytes]:
    """Content type and body of an upload."""
    head, tail = multipart_around(metadata)
    return f"multipart/form-data; boundary={BOUNDARY}", head + tarball + tail


def multipart_around(metadata: bytes) -> tuple[bytes, bytes]:
    """What stands before and behind the tarball's bytes."""
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n'.encode()
        + metadata
        + f'\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="tarball"; '
        'filename="package.tgz"\r\nContent-Type: application/gzip\r\n\r\n'.encode()
    )
    return head, f"\r\n--{BOUNDARY}--\r\n".encode()


def write_big_package(path: Path, scope: str, name: str) -> bytes:
    """A package just under the limit, of pictures that cannot be compressed; its metadata."""
    manifest = manifest_named(scope, name, "1.0.0")
    metadata = orjson.dumps(manifest)
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        _add(tar, "agent.json", metadata)
        _add(tar, "AGENTS.md", b"# Measured\n")
        for number in range(PICTURES):
            _add(tar, f"pictures/{number}.png", PNG + os.urandom(PICTURE_SIZE))
    return metadata


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o644
    tar.addfile(entry, BytesIO(content))

"""Packages to publish: small ones, long texts, and one of 100 MiB."""

import os
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

import orjson

from devtools.synthetic.packages import build_package

BOUNDARY = "bench-boundary"
MIB = 1024 * 1024
PNG_HEADER = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
IMAGES, IMAGE_SIZE = 11, 9 * MIB
MANUAL_LINES = 400


def make_bench_manifest(scope: str, name: str, version: str) -> dict[str, Any]:
    return {
        "schemaVersion": 1,
        "id": f"@{scope}/{name}",
        "version": version,
        "name": "Bench Agent",
        "tagline": "An agent for measurements",
        "description": "An agent for measurements.\n",
        "category": "other",
        "tags": [],
        "author": {"name": scope},
        "license": "MIT",
        "agent": {"defaults": {"model": "any"}},
        "files": ["**/*"],
        "openclaw": {"entrypoints": {"AGENTS.md": "AGENTS.md"}},
    }


def make_small_package(scope: str, name: str, version: str) -> tuple[bytes, bytes]:
    """Metadata and tarball of a package with four small files."""
    manifest = make_bench_manifest(scope, name, version)
    return orjson.dumps(manifest), build_package(manifest)


def make_manual(scope: str, name: str, version: int) -> tuple[bytes, bytes]:
    """Metadata and tarball of a package with a long text.

    Each version changes a fifth of the lines, so that its diffs are expensive.
    """
    manifest = make_bench_manifest(scope, name, f"1.0.{version}")
    lines = []
    for number in range(MANUAL_LINES):
        edits = (version + number % 5) // 5
        lines.append(
            f"- Rule {number}: ask {edits} people before you act, write down what {edits * 7} said."
        )
    files = {"agent.json": orjson.dumps(manifest), "AGENTS.md": "\n".join(lines).encode()}
    tarball = BytesIO()
    with tarfile.open(fileobj=tarball, mode="w:gz", compresslevel=1) as tar:
        for path, content in files.items():
            _add(tar, path, content)
    return files["agent.json"], tarball.getvalue()


def multipart(metadata: bytes, tarball: bytes) -> tuple[str, bytes]:
    """Content type and body of an upload."""
    head, tail = multipart_around(metadata)
    return f"multipart/form-data; boundary={BOUNDARY}", head + tarball + tail


def multipart_around(metadata: bytes) -> tuple[bytes, bytes]:
    """The bytes of an upload before and after the tarball."""
    head = (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="metadata"\r\n\r\n'.encode()
        + metadata
        + f'\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; name="tarball"; '
        'filename="package.tgz"\r\nContent-Type: application/gzip\r\n\r\n'.encode()
    )
    return head, f"\r\n--{BOUNDARY}--\r\n".encode()


def write_big_package(path: Path, scope: str, name: str) -> bytes:
    """Write a package just below the size limit and return its metadata.

    Its images are random bytes, which cannot be compressed.
    """
    metadata = orjson.dumps(make_bench_manifest(scope, name, "1.0.0"))
    with tarfile.open(path, "w:gz", compresslevel=1) as tar:
        _add(tar, "agent.json", metadata)
        _add(tar, "AGENTS.md", b"# Measured\n")
        for number in range(IMAGES):
            _add(tar, f"pictures/{number}.png", PNG_HEADER + os.urandom(IMAGE_SIZE))
    return metadata


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o644
    tar.addfile(member, BytesIO(content))

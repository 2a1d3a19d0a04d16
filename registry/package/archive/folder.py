"""An author's folder, judged as the tarball would be that is packed from it."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from registry.package.archive.gzip_stream import CHUNK, TooLarge
from registry.package.archive.tar_reader import Member, MemberKind
from registry.package.checks.globs import matcher
from registry.package.checks.paths import path_problem
from registry.package.contents import MANIFEST, Package, PackageBuilder, TooMany
from registry.package.limits import PackageLimits
from registry.package.manifest.schema import ManifestNotJson
from registry.package.manifest.strict_json import parse_json

MAX_ENTRIES = 200_000
"""How many names of a folder are looked at, chosen or not."""


def open_folder(root: Path, limits: PackageLimits) -> Package:
    """Reads agent.json and the files that its `files` patterns choose; follows no links.

    Without a readable list of patterns everything counts, hidden files excepted.
    """
    builder = PackageBuilder(limits)
    is_chosen = matcher((MANIFEST, *_patterns(root / MANIFEST, limits)))
    left = limits.unpacked_bytes
    try:
        for path, entry in _entries(root):
            if is_chosen(path):
                member = _member(path, entry.stat(follow_symlinks=False))
                left -= member.size
                if left < 0:
                    raise TooLarge(f"The files hold more than {limits.unpacked_bytes} bytes.")
                if builder.may_read(member):
                    with Path(entry.path).open("rb") as stream:
                        builder.read_file(path, _chunks(stream, member.size))
    except TooLarge as refusal:
        builder.stop("package_too_large", str(refusal))
    except TooMany as refusal:
        builder.stop("too_many_files", str(refusal))
    return builder.package()


def _patterns(manifest: Path, limits: PackageLimits) -> list[str]:
    """What agent.json chooses: everything when it does not say, nothing when it is not there."""
    if manifest.is_symlink() or not manifest.is_file():
        return []
    with manifest.open("rb") as stream:
        raw = stream.read(limits.manifest_bytes)
    try:
        document = parse_json(raw)
    except ManifestNotJson:
        return ["**"]
    patterns = document.get("files") if isinstance(document, dict) else None
    listed = isinstance(patterns, list) and all(isinstance(pattern, str) for pattern in patterns)
    return patterns if listed and patterns else ["**"]


def _entries(root: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """Everything below the root but folders, in the order of names, each with its relative path."""
    waiting, seen = [""], 0
    while waiting:
        folder = waiting.pop()
        with os.scandir(root / folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        seen += len(entries)
        if seen > MAX_ENTRIES:
            raise TooMany(f"The folder has more than {MAX_ENTRIES} entries.")
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.is_dir(follow_symlinks=False):
                waiting.append(path)
            else:
                yield path, entry


def _member(path: str, status: os.stat_result) -> Member:
    kind: MemberKind = "special"
    if stat.S_ISREG(status.st_mode):
        kind = "file"
    elif stat.S_ISLNK(status.st_mode):
        kind = "link"
    size = status.st_size if kind == "file" else 0
    return Member(path, kind, stat.S_IMODE(status.st_mode), size, path_problem(path))


def _chunks(stream: BinaryIO, size: int) -> Iterator[bytes]:
    """At most `size` bytes: the file may grow while it is read."""
    while size and (chunk := stream.read(min(size, CHUNK))):
        size -= len(chunk)
        yield chunk

"""JSON Lines files, written and read line by line."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Self

import orjson

from clawstore.transfer.errors import CatalogueRefused
from clawstore.transfer.summary import FileDigest
from foundation.export import Row

LONGEST_LINE = 32 * 1024 * 1024
CHUNK = 1024 * 1024


def create(path: Path, *, mode: int) -> BinaryIO:
    """A new file that has its mode from the moment of creation."""
    # A mode that is set afterwards leaves a moment in which others can open a backup; O_EXCL
    # follows no link.
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb")


class LineFile:
    """A new JSON Lines file that counts and hashes what is written."""

    def __init__(self, path: Path, *, mode: int = 0o644) -> None:
        self._out = create(path, mode=mode)
        self._digest = hashlib.sha256()
        self._rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._out.close()

    def write(self, row: Row) -> None:
        line = orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
        self._digest.update(line)
        self._out.write(line)
        self._rows += 1

    def finish(self) -> FileDigest:
        """Sync the file to disk; return its number of rows and SHA-256."""
        self._out.flush()
        # A backup that was reported as written must survive a power cut.
        os.fsync(self._out.fileno())
        return FileDigest(self._rows, self._digest.hexdigest())


def write_lines(path: Path, rows: Iterable[Row], *, mode: int = 0o644) -> FileDigest:
    """Write rows to a new file; return their number and the SHA-256."""
    with LineFile(path, mode=mode) as out:
        for row in rows:
            out.write(row)
        return out.finish()


def read_lines(path: Path) -> Iterator[tuple[int, Row]]:
    """Number and object of every line that is not blank. Raises CatalogueRefused."""
    with path.open("rb") as source:
        number = 0
        # With a limit, because a file without line ends would be read into memory whole.
        while line := source.readline(LONGEST_LINE + 1):
            number += 1
            if len(line) > LONGEST_LINE:
                raise CatalogueRefused.at(path.name, number, "the line is too long")
            if not line.isspace():
                yield number, _object(path.name, number, line)


def _object(file: str, number: int, line: bytes) -> Row:
    try:
        row = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise CatalogueRefused.at(file, number, f"the line is not valid JSON ({error})") from None
    if not isinstance(row, dict):
        raise CatalogueRefused.at(file, number, "the line is not a JSON object")
    # Searching the bytes first is cheap; walking through every value is not.
    if b"\\u0000" in line and _holds_nul(row):
        raise CatalogueRefused.at(file, number, "a string contains a NUL character")
    return row


def _holds_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(part) for key, part in value.items())
    return isinstance(value, list) and any(_holds_nul(part) for part in value)


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()

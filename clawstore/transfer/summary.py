"""The summary ``catalogue.json``: number of rows and SHA-256 of every file.

Rows of versions and assets contain the SHA-256 of their files, so the summary covers everything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from clawstore.transfer.errors import CatalogueRefused
from foundation.clock import iso, now

FILE = "catalogue.json"
FORMAT = "clawstore-catalogue"
# Increase it when a reader of this version would misunderstand a file; new columns need no new
# number.
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class FileDigest:
    rows: int
    sha256: str


@dataclass(slots=True)
class CopiedFiles:
    """Numbers of copied, missing and withheld files.

    ``first_missing`` has the keys of up to five missing files. ``kept_back`` counts the files that
    a public export leaves out.
    """

    count: int = 0
    bytes: int = 0
    missing_count: int = 0
    kept_back: int = 0
    first_missing: list[str] = field(default_factory=list)

    def add(self, size: int) -> None:
        self.count += 1
        self.bytes += size

    def miss(self, key: str) -> None:
        self.missing_count += 1
        if len(self.first_missing) < 5:
            self.first_missing.append(key)


@dataclass(frozen=True, slots=True)
class Summary:
    private: bool
    tables: Mapping[str, FileDigest]
    files: CopiedFiles


def write_summary(folder: Path, summary: Summary) -> None:
    """Write the summary last: a folder with a summary is complete."""
    content = {
        "format": FORMAT,
        "formatVersion": FORMAT_VERSION,
        "createdAt": iso(now()),
        "private": summary.private,
        "tables": {
            name: {"rows": digest.rows, "sha256": digest.sha256}
            for name, digest in summary.tables.items()
        },
        "files": {
            "count": summary.files.count,
            "bytes": summary.files.bytes,
            "missing": summary.files.missing_count,
            "keptBack": summary.files.kept_back,
        },
    }
    draft = folder / f".{FILE}.part"
    draft.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    draft.replace(folder / FILE)


def read_summary(folder: Path) -> Summary | None:
    """The summary of a folder, or None if it has none. Raises CatalogueRefused."""
    path = folder / FILE
    if not path.exists():
        return None
    try:
        content = orjson.loads(path.read_bytes())
        if (content["format"], content["formatVersion"]) != (FORMAT, FORMAT_VERSION):
            raise CatalogueRefused(f"{FILE}: the format is not {FORMAT} {FORMAT_VERSION}")
        return _summary_of(content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CatalogueRefused(f"{FILE}: the file could not be read ({error!r})") from None


def _summary_of(content: dict[str, Any]) -> Summary:
    files = content["files"]
    return Summary(
        private=bool(content["private"]),
        tables={
            name: FileDigest(int(table["rows"]), str(table["sha256"]))
            for name, table in content["tables"].items()
        },
        files=CopiedFiles(int(files["count"]), int(files["bytes"]), int(files["missing"])),
    )

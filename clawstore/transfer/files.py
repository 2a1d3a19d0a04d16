"""The stored files, under their keys, between the shop's storage and a folder."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import default_storage

from clawstore.transfer.errors import CatalogueRefused
from clawstore.transfer.lines import CHUNK, create, read_lines, sha256_of
from clawstore.transfer.parts import WITH_FILES
from clawstore.transfer.summary import FilesMoved, Summary
from foundation.export import Row, Table

FOLDER = "files"


def _named_files(folder: Path, table: Table) -> Iterator[tuple[int, str, str, int]]:
    """The line, key, SHA-256 and size of every stored file that the table's lines name."""
    columns = table.stored_file
    if columns is not None:
        for number, row in _rows(folder, table):
            if row.get(columns.key):
                yield number, row[columns.key], row[columns.sha256], row[columns.size]


def _rows(folder: Path, table: Table) -> Iterator[tuple[int, Row]]:
    lines = folder / f"{table.name}.jsonl"
    if lines.exists():
        yield from read_lines(lines)


def _keys_kept_back(folder: Path, table: Table) -> set[str]:
    """Keys of files that are for nobody but a backup. Asked anew, after the lines were written: the
    bytes of what was withheld meanwhile do not go out either."""
    if table.redaction is None or table.stored_file is None:
        return set()
    ids = {str(one) for one in table.redaction.ids()}
    column, key = table.redaction.column, table.stored_file.key
    return {row[key] for _, row in _rows(folder, table) if row[column] in ids} if ids else set()


def copy_out(folder: Path, *, private: bool, mode: int) -> FilesMoved:
    """Write every file that the lines name to ``folder/files``. One that is not there, or that
    holds other bytes than its row says, is counted as missing; what is withheld goes into a backup
    alone."""
    moved = FilesMoved()
    for table in WITH_FILES:
        kept_back = set() if private else _keys_kept_back(folder, table)
        for _, key, sha256, size in _named_files(folder, table):
            target = folder / FOLDER / key
            if key in kept_back:
                moved.kept_back += 1
            elif default_storage.exists(key) and _copy(key, target, mode=mode) == sha256:
                moved.add(size)
            else:
                target.unlink(missing_ok=True)
                moved.miss(key)
    return moved


def _copy(key: str, target: Path, *, mode: int) -> str:
    digest = hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True)
    with default_storage.open(key) as source, create(target, mode=mode) as out:
        for chunk in source.chunks(CHUNK):
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


def copy_in(folder: Path, summary: Summary | None) -> FilesMoved:
    """Store every file that the lines name and the folder has, each compared with its line first.

    A folder without files is fine; one that has fewer than it says is not.
    """
    moved = FilesMoved()
    if (folder / FOLDER).is_dir():
        for table in WITH_FILES:
            _copy_in_table(folder, table, moved)
        if summary is not None and moved.count != summary.files.count:
            absent = f" (the first missing: {moved.first_missing[0]})" if moved.missing else ""
            raise CatalogueRefused(
                f"{FOLDER}: {moved.count} of {summary.files.count} files are present{absent}"
            )
    return moved


def _copy_in_table(folder: Path, table: Table, moved: FilesMoved) -> None:
    for number, key, sha256, size in _named_files(folder, table):
        source = folder / FOLDER / key
        if not source.is_file():
            moved.miss(key)
            continue
        if source.stat().st_size != size or sha256_of(source) != sha256:
            raise CatalogueRefused.at(
                f"{table.name}.jsonl", number, f"{FOLDER}/{key} has different bytes"
            )
        _store(key, source)
        moved.add(size)


def _store(key: str, source: Path) -> None:
    with source.open("rb") as content:
        stored_as = default_storage.save(key, File(content))
    if stored_as != key:
        raise CatalogueRefused(f"{FOLDER}/{key} was stored as {stored_as}")

"""Copies stored files between the file storage and an export folder."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import default_storage

from clawstore.transfer.errors import CatalogueRefused
from clawstore.transfer.lines import CHUNK, create, read_lines, sha256_of
from clawstore.transfer.parts import WITH_FILES
from clawstore.transfer.summary import CopiedFiles, Summary
from foundation.export import Row, Table

FOLDER = "files"


def _named_files(folder: Path, table: Table) -> Iterator[tuple[int, str, str, int]]:
    """Line, key, SHA-256 and size of every stored file in an exported table."""
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
    """Keys of files that only a backup may contain.

    Queried after the lines were written, so files withheld meanwhile are excluded, too.
    """
    if table.redaction is None or table.stored_file is None:
        return set()
    ids = {str(row_id) for row_id in table.redaction.ids()}
    column, key = table.redaction.column, table.stored_file.key
    return {row[key] for _, row in _rows(folder, table) if row[column] in ids} if ids else set()


def copy_out(folder: Path, *, private: bool, mode: int) -> CopiedFiles:
    """Copy the exported rows' files to ``folder/files``.

    Missing files and files with other bytes than their row states are counted as missing. Withheld
    files go only into a backup.
    """
    copied_files = CopiedFiles()
    for table in WITH_FILES:
        kept_back = set() if private else _keys_kept_back(folder, table)
        for _, key, sha256, size in _named_files(folder, table):
            target = folder / FOLDER / key
            if key in kept_back:
                copied_files.kept_back += 1
            # Compared while it is copied: a damaged file would otherwise be found by the import,
            # too late.
            elif default_storage.exists(key) and _copy(key, target, mode=mode) == sha256:
                copied_files.add(size)
            else:
                target.unlink(missing_ok=True)
                copied_files.miss(key)
    return copied_files


def _copy(key: str, target: Path, *, mode: int) -> str:
    digest = hashlib.sha256()
    target.parent.mkdir(parents=True, exist_ok=True)
    with default_storage.open(key) as source, create(target, mode=mode) as out:
        for chunk in source.chunks(CHUNK):
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


def copy_in(folder: Path, summary: Summary | None) -> CopiedFiles:
    """Store the files of an export, each compared with its row first.

    An export without files is valid. Raises CatalogueRefused for different bytes, or for fewer
    files than the summary states.
    """
    copied_files = CopiedFiles()
    if (folder / FOLDER).is_dir():
        for table in WITH_FILES:
            _copy_in_table(folder, table, copied_files)
        if summary is not None and copied_files.count != summary.files.count:
            absent = (
                f" (the first missing: {copied_files.first_missing[0]})"
                if copied_files.missing_count
                else ""
            )
            raise CatalogueRefused(
                f"{FOLDER}: {copied_files.count} of {summary.files.count} files are present{absent}"
            )
    return copied_files


def _copy_in_table(folder: Path, table: Table, copied_files: CopiedFiles) -> None:
    for number, key, sha256, size in _named_files(folder, table):
        source = folder / FOLDER / key
        if not source.is_file():
            copied_files.miss(key)
            continue
        # The size first, because it needs no reading.
        if source.stat().st_size != size or sha256_of(source) != sha256:
            raise CatalogueRefused.at(
                f"{table.name}.jsonl", number, f"{FOLDER}/{key} has different bytes"
            )
        _store(key, source)
        copied_files.add(size)


def _store(key: str, source: Path) -> None:
    with source.open("rb") as content:
        saved_key = default_storage.save(key, File(content))
    # A storage renames a file rather than overwrite another one.
    if saved_key != key:
        raise CatalogueRefused(f"{FOLDER}/{key} was stored as {saved_key}")

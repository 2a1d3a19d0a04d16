"""Import of an exported catalogue into an empty database, in one transaction."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from clawstore.transfer.errors import CatalogueNotEmpty, CatalogueRefused
from clawstore.transfer.files import copy_in
from clawstore.transfer.lines import read_lines, sha256_of
from clawstore.transfer.loading import load_table, refuse_dangling_forward_references
from clawstore.transfer.parts import AFTER_IMPORT, PARTS, TABLES
from clawstore.transfer.summary import CopiedFiles, Summary, read_summary
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.export import CustomPart, Part, Table


@dataclass(frozen=True, slots=True)
class ImportResult:
    """Imported rows and files; ``not_read`` names files that belong to no catalogue."""

    rows: Mapping[str, int]
    files: CopiedFiles
    not_read: list[str]


def import_catalogue(folder: Path, *, by: Actor, must_be_private: bool = False) -> ImportResult:
    """Import the catalogue in ``folder``; after an error nothing has changed.

    Raises CatalogueNotEmpty if the database has a catalogue, and CatalogueRefused with file and
    line for an invalid export, and for a public one that ``must_be_private``.
    """
    summary = read_summary(folder)
    _refuse_missing_catalogue(folder)
    if must_be_private and not (summary and summary.private):
        raise CatalogueRefused(
            f"{folder} is a public export, without accounts, members and drafts. "
            "Make one with export_catalogue --private, or import it without --private."
        )
    if summary is not None:
        # Before the transaction: hashing gigabytes must not keep the database locked.
        _refuse_changed_files(folder, summary)
    with transaction.atomic():
        # In the transaction, so that no account can arrive between the check and the rows.
        _refuse_existing_catalogue(folder)
        rows = _load(folder)
        # Files are stored before the commit, so no row points to a missing file, and after all
        # rows are valid, so an invalid export leaves no files.
        files = copy_in(folder, summary)
        _record(rows, files, by=by)
    return ImportResult(rows, files, _unknown_files(folder))


def _path(folder: Path, part: Part) -> Path:
    return folder / f"{part.name}.jsonl"


def _refuse_missing_catalogue(folder: Path) -> None:
    if not (folder / "agents.jsonl").is_file():
        raise CatalogueRefused(f"{folder} is not a catalogue: there is no agents.jsonl.")


def _refuse_changed_files(folder: Path, summary: Summary) -> None:
    for name, digest in summary.tables.items():
        path = folder / f"{name}.jsonl"
        if name not in {part.name for part in PARTS}:
            raise CatalogueRefused(f"catalogue.json: {name} is not part of a catalogue")
        if not path.is_file():
            raise CatalogueRefused(
                f"{path.name}: the file is missing; it should have {digest.rows} rows"
            )
        if sha256_of(path) != digest.sha256:
            raise CatalogueRefused(f"{path.name}: its SHA-256 differs from catalogue.json")


def _refuse_existing_catalogue(folder: Path) -> None:
    for table in TABLES:
        may_have_rows = table.replaces_rows or table.allows_existing_rows
        if table.has_more_than_migrated() if may_have_rows else _has_rows(table):
            raise CatalogueNotEmpty(
                f"The database already contains a catalogue ({table.name} has rows). "
                "An import goes into an empty one."
            )


def _has_rows(table: Table) -> bool:
    has_rows: bool = table.model._default_manager.exists()
    return has_rows


def _delete_migrated_rows(folder: Path) -> None:
    """Delete the rows of migrations that the export brings."""
    names = {part.name for part in PARTS if _path(folder, part).exists()}
    # A table comes after those it refers to.
    for table in reversed(TABLES):
        if table.replaces_rows and names & {table.name, table.replaced_with}:
            # Without the manager of the model, which may forbid it. Nothing has to follow: all that
            # refers to these rows is deleted, too, or computed again.
            rows: QuerySet[Any] = QuerySet(table.model)
            rows._raw_delete(rows.db)


def _load(folder: Path) -> dict[str, int]:
    absent: set[str] = set()
    _delete_migrated_rows(folder)
    rows = {part.name: _load_part(folder, part, absent) for part in PARTS}
    for table in TABLES:
        if table.forward_references and _path(folder, table).exists():
            refuse_dangling_forward_references(table, _path(folder, table))
    for after_import in AFTER_IMPORT:
        after_import(absent)
    return rows


def _load_part(folder: Path, part: Part, absent: set[str]) -> int:
    path = _path(folder, part)
    if not path.exists():
        absent.add(part.name)
        return 0
    if isinstance(part, CustomPart):
        return _load_custom_part(part, path)
    return load_table(part, path, absent)


def _load_custom_part(part: CustomPart, path: Path) -> int:
    count = 0
    for number, row in read_lines(path):
        try:
            problem = part.add(row)
        # The row is a stranger's, so any key may be absent and any value of another type.
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            problem = f"invalid row of {part.name} ({error!r})"
        if problem:
            raise CatalogueRefused.at(path.name, number, problem)
        count += 1
    return count


def _record(rows: Mapping[str, int], files: CopiedFiles, *, by: Actor) -> None:
    # A restored audit log stays unchanged; a new one begins with this import.
    if not rows["audit_logs"]:
        counts = {name: count for name, count in rows.items() if count}
        record("catalogue.imported", "catalogue", "all", by=by, rows=counts, files=files.count)


def _unknown_files(folder: Path) -> list[str]:
    names = {f"{part.name}.jsonl" for part in PARTS}
    return sorted(path.name for path in folder.glob("*.jsonl") if path.name not in names)

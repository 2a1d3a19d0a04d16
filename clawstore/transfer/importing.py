"""A catalogue out of its folder into an empty shop: all of it, or nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from clawstore.transfer.errors import CatalogueNotEmpty, CatalogueRefused
from clawstore.transfer.files import copy_in
from clawstore.transfer.lines import read_lines, sha256_of
from clawstore.transfer.loading import load_table, refuse_pointers_to_nothing_ahead
from clawstore.transfer.parts import AFTER_IMPORT, PARTS, TABLES
from clawstore.transfer.summary import FilesMoved, Summary, read_summary
from foundation.actor import Actor
from foundation.audit.actions import record
from foundation.export import CustomPart, Part


@dataclass(frozen=True, slots=True)
class Imported:
    """What came in; ``not_read`` names files that are no part of a catalogue."""

    rows: Mapping[str, int]
    files: FilesMoved
    not_read: list[str]


def import_catalogue(folder: Path, *, by: Actor) -> Imported:
    """Read the catalogue in ``folder``. Refuses a shop that has one already, and with file and
    line whatever is wrong; then nothing has changed."""
    summary = read_summary(folder)
    _refuse_no_catalogue(folder)
    if summary is not None:
        _refuse_other_bytes(folder, summary)
    with transaction.atomic():
        _refuse_full_shop(folder)
        rows = _load(folder)
        # Stored before the commit, so that no row ever points to nothing; and after every row
        # was found good, so that a bad catalogue leaves no bytes behind.
        files = copy_in(folder, summary)
        _record(rows, files, by=by)
    return Imported(rows, files, _not_read(folder))


def _path(folder: Path, part: Part) -> Path:
    return folder / f"{part.name}.jsonl"


def _refuse_no_catalogue(folder: Path) -> None:
    if not (folder / "agents.jsonl").is_file():
        raise CatalogueRefused(f"{folder} is not a catalogue: there is no agents.jsonl.")


def _refuse_other_bytes(folder: Path, summary: Summary) -> None:
    for name, counted in summary.tables.items():
        path = folder / f"{name}.jsonl"
        if name not in {part.name for part in PARTS}:
            raise CatalogueRefused(f"catalogue.json: {name} is not part of a catalogue")
        if not path.is_file():
            raise CatalogueRefused(
                f"{path.name}: the file is missing; it should have {counted.rows} rows"
            )
        if sha256_of(path) != counted.sha256:
            raise CatalogueRefused(f"{path.name}: its SHA-256 differs from catalogue.json")


def _refuse_full_shop(folder: Path) -> None:
    for table in TABLES:
        if (
            not (table.replaces_rows or table.allows_existing_rows)
            and table.model._default_manager.exists()
        ):
            raise CatalogueNotEmpty(
                f"The database already contains a catalogue ({table.name} has rows). "
                "An import goes into an empty one."
            )


def _load(folder: Path) -> dict[str, int]:
    absent: set[str] = set()
    rows = {part.name: _load_part(folder, part, absent) for part in PARTS}
    for table in TABLES:
        if table.forward_references and _path(folder, table).exists():
            refuse_pointers_to_nothing_ahead(table, _path(folder, table))
    for after_import in AFTER_IMPORT:
        after_import(absent)
    return rows


def _load_part(folder: Path, part: Part, absent: set[str]) -> int:
    path = _path(folder, part)
    if not path.exists():
        absent.add(part.name)
        return 0
    if isinstance(part, CustomPart):
        return _load_few(part, path)
    if part.replaces_rows:
        part.model._default_manager.all().delete()
    return load_table(part, path, absent)


def _load_few(part: CustomPart, path: Path) -> int:
    count = 0
    for number, row in read_lines(path):
        try:
            complaint = part.add(row)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            complaint = f"invalid row of {part.name} ({error!r})"
        if complaint:
            raise CatalogueRefused.at(path.name, number, complaint)
        count += 1
    return count


def _record(rows: Mapping[str, int], files: FilesMoved, *, by: Actor) -> None:
    # A restored log stays as it was; one that begins here begins with where all this came from.
    if not rows["audit_logs"]:
        counts = {name: count for name, count in rows.items() if count}
        record("catalogue.imported", "catalogue", "all", by=by, rows=counts, files=files.count)


def _not_read(folder: Path) -> list[str]:
    known = {f"{part.name}.jsonl" for part in PARTS}
    return sorted(path.name for path in folder.glob("*.jsonl") if path.name not in known)

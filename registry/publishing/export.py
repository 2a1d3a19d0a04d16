"""Exported tables of versions and their files, and texts that an import renders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar
from uuid import UUID

import orjson
from pydantic import ValidationError

from foundation.batches import in_batches_by_length
from foundation.export import (
    PersonalDataPart,
    Redaction,
    Row,
    StoredFile,
    Table,
    is_sha256,
    rows_without,
)
from foundation.sandbox.pool import Task
from registry.analysis.model import Analysis
from registry.errors import PackageTooCostly
from registry.examiner.tasks import Examiner
from registry.models import (
    Draft,
    Version,
    VersionAnalysis,
    VersionAsset,
    VersionFile,
    VersionFinding,
    VersionRendering,
    VersionWithholding,
)
from registry.package.limits import LIMITS, MIB, format_bytes
from registry.rules.semver import precedence
from registry.sandbox.uploads import examine

T = TypeVar("T")
COMPUTED_COLUMNS = frozenset({"id"})
EXAMINED_CHARACTERS = 1_000_000
"""Of texts that are sent to the examiner in one call."""
MAX_FACTS_BYTES = 8 * MIB
"""More than the facts of 10,000 files with long names."""


def _check_version(row: Row) -> str:
    try:
        precedence(row["version"])
    except ValueError:
        return "version is not a semantic version"
    if not isinstance(row["manifest"], dict):
        return "manifest is not an object"
    if len(orjson.dumps(row["manifest"])) > LIMITS.manifest_bytes:
        return f"manifest is larger than {format_bytes(LIMITS.manifest_bytes)}"
    return _check_file(row["tarball_r2_key"], row["tarball_sha256"])


def _check_analysis(row: Row) -> str:
    if len(orjson.dumps(row["facts"])) > MAX_FACTS_BYTES:
        return f"facts are larger than {format_bytes(MAX_FACTS_BYTES)}"
    try:
        Analysis.model_validate(row["facts"])
    except ValidationError:
        return "facts are not those of a version"
    return ""


def _check_asset(row: Row) -> str:
    return _check_file(row["r2_key"], row["sha256"])


def _check_file(key: str, sha256: str) -> str:
    if not is_sha256(sha256):
        return "the SHA-256 is not 64 small hexadecimal digits"
    if "\\" in key or any(part in {"", ".", ".."} for part in key.split("/")):
        return "the key of the stored file is not a plain path"
    return ""


def _path_of_asset(row: Row) -> str:
    # assets/<scope>/<name>/<version>/<path>, as the data model lays keys out.
    return str(row["r2_key"]).split("/", 4)[-1]


def _kept_back() -> set[UUID]:
    """The withheld and sold versions, whose bytes and words no mirror gets.

    All versions of an agent with an active offer: a public export has no offers, and the mirror
    would give them away.
    """
    withheld_ids = VersionWithholding.objects.in_force().values_list("version_id", flat=True)
    sold_ids = Version.objects.filter(agent__has_offers=True).values_list("id", flat=True)
    return {*withheld_ids, *sold_ids}


OF_KEPT_BACK = Redaction(column="version_id", ids=_kept_back)
VERSIONS = Table(
    name="versions",
    model=Version,
    order=["id"],
    problem=_check_version,
    stored_file=StoredFile(
        key="tarball_r2_key", sha256="tarball_sha256", size="tarball_size_bytes"
    ),
    redaction=Redaction(column="id", ids=_kept_back, replacement={"manifest": {}}),
)
# Part of every export, not only of backups: an importing shop must not serve withheld content.
WITHHOLDINGS = Table(
    name="version_withholdings",
    model=VersionWithholding,
    order=["id"],
    private_columns=frozenset({"withheld_by_user_id", "lifted_by_user_id"}),
)
VERSION_ASSETS = Table(
    name="version_assets",
    model=VersionAsset,
    order=["id"],
    defaults={"path": _path_of_asset},
    # Small copies are made again after an import.
    omitted_columns=frozenset({"small_sha256"}),
    problem=_check_asset,
    stored_file=StoredFile(key="r2_key", sha256="sha256", size="size_bytes"),
    redaction=OF_KEPT_BACK,
)
# Computed from the files, but exported: an import is cheaper than computing again, and an export
# may come without files.
VERSION_FILES = Table(
    name="version_files",
    model=VersionFile,
    order=["version_id", "id"],
    omitted_columns=COMPUTED_COLUMNS,
    redaction=OF_KEPT_BACK,
)
VERSION_FINDINGS = Table(
    name="version_findings",
    model=VersionFinding,
    order=["version_id", "id"],
    omitted_columns=COMPUTED_COLUMNS,
    redaction=OF_KEPT_BACK,
)
VERSION_ANALYSES = Table(
    name="version_analyses",
    model=VersionAnalysis,
    order=["version_id", "id"],
    omitted_columns=COMPUTED_COLUMNS,
    problem=_check_analysis,
    redaction=OF_KEPT_BACK,
)
VERSION_RENDERINGS = Table(
    name="version_renderings",
    model=VersionRendering,
    order=["version_id", "id"],
    omitted_columns=COMPUTED_COLUMNS,
    # Pages insert this HTML unescaped, and an export may come from an untrusted source.
    converters={"html": lambda texts: _clean_prose(texts)},
    redaction=OF_KEPT_BACK,
)


def _examine_texts(task: Task[tuple[str, ...], tuple[T, ...]], texts: Iterable[str]) -> Iterator[T]:
    """Performs a task on many texts. Raises ValueError if one is too costly."""
    with examine(is_import=True) as examination:
        for batch in in_batches_by_length(texts, EXAMINED_CHARACTERS):
            try:
                yield from examination.call(task, tuple(batch))
            except PackageTooCostly as refusal:
                raise ValueError("has a text that is too costly to render") from refusal


def _clean_prose(texts: Sequence[str]) -> Sequence[str]:
    return list(_examine_texts(Examiner.clean_prose, texts))


def _own_versions(user_id: UUID) -> Iterator[Row]:
    versions = Version.objects.filter(uploaded_by_user_id=user_id).order_by("uploaded_at", "id")
    return rows_without(versions, "yanked_by_user_id")


def _own_drafts(user_id: UUID) -> Iterator[Row]:
    drafts = Draft.objects.filter(owner_user_id=user_id).order_by("created_at", "id")
    return rows_without(drafts, "preview")


PERSONAL_DATA = (
    PersonalDataPart("versions", _own_versions),
    PersonalDataPart("drafts", _own_drafts),
)

"""Exported tables of the registry, their files, and columns derived at import."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

import orjson
from pydantic import ValidationError

from foundation.batches import in_batches, in_batches_by_length
from foundation.caching.actions import bump_revision
from foundation.caching.models import SITE
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
from foundation.text.names import clean_names
from profiles.rules import is_web_address, may_be_a_scope
from registry.agents.listing import (
    ROW_COLUMNS,
    filter_columns,
    folded_name_of,
    update_row_columns,
    version_columns,
    version_summary,
)
from registry.agents.revisions import MENTIONS, RANKING
from registry.analysis.model import Analysis
from registry.downloads.hyperloglog import REGISTERS
from registry.downloads.rolling import recount_networks, roll_sums
from registry.downloads.trending import refresh_trending
from registry.errors import PackageTooCostly
from registry.examiner.tasks import Examiner
from registry.models import (
    Agent,
    AgentPick,
    AgentTag,
    Category,
    DownloadDay,
    Draft,
    FeedEntry,
    NetworkSketch,
    Version,
    VersionAnalysis,
    VersionAsset,
    VersionFile,
    VersionFinding,
    VersionRendering,
    VersionWithholding,
)
from registry.package.limits import LIMITS, MIB, format_bytes
from registry.publishing.imported_texts import store_descriptions
from registry.rules.identifiers import AGENT_NAME
from registry.rules.semver import precedence
from registry.sandbox import examine
from registry.search_index.actions import CATALOGUE, index_next

T = TypeVar("T")
SKETCH = re.compile(rf"[0-h]{{{REGISTERS}}}")
COMPUTED_COLUMNS = frozenset({"id"})
STATUS_COLUMNS = ("latest_version_id", "latest_channel", "is_listed", "offers_beta")
SEARCH_COLUMNS = ("folded_name",)
FILTER_COLUMNS = ("model_provider", "requires_secrets")
EXAMINED_CHARACTERS = 1_000_000
"""Of texts that are sent to the examiner in one call."""
AGENTS_PER_INDEX_RUN = 2_000
DESCRIPTIONS_PER_INDEX_RUN = 2
"""Batches of descriptions, which have about as many texts as agents are indexed."""
MAX_FACTS_BYTES = 8 * MIB
"""More than the facts of 10,000 files with long names."""
DERIVED_COLUMNS = (*STATUS_COLUMNS, *SEARCH_COLUMNS, *FILTER_COLUMNS)


def _agent_complaint(row: Row) -> str:
    if not may_be_a_scope(row["scope"]) or not AGENT_NAME.fullmatch(row["name"]):
        return "scope and name are not those of an agent"
    for column in ("homepage", "repository"):
        if row[column] and not is_web_address(row[column]):
            return f"{column} is not an http or https address"
    return ""


def _version_complaint(row: Row) -> str:
    try:
        precedence(row["version"])
    except ValueError:
        return "version is not a semantic version"
    if not isinstance(row["manifest"], dict):
        return "manifest is not an object"
    if len(orjson.dumps(row["manifest"])) > LIMITS.manifest_bytes:
        return f"manifest is larger than {format_bytes(LIMITS.manifest_bytes)}"
    return _file_complaint(row["tarball_r2_key"], row["tarball_sha256"])


def _analysis_complaint(row: Row) -> str:
    if len(orjson.dumps(row["facts"])) > MAX_FACTS_BYTES:
        return f"facts are larger than {format_bytes(MAX_FACTS_BYTES)}"
    try:
        Analysis.model_validate(row["facts"])
    except ValidationError:
        return "facts are not those of a version"
    return ""


def _sketch_complaint(row: Row) -> str:
    return "" if SKETCH.fullmatch(row["registers"]) else "registers is not a sketch"


def _asset_complaint(row: Row) -> str:
    return _file_complaint(row["r2_key"], row["sha256"])


def _file_complaint(key: str, sha256: str) -> str:
    if not is_sha256(sha256):
        return "the SHA-256 is not 64 small hexadecimal digits"
    if "\\" in key or any(part in {"", ".", ".."} for part in key.split("/")):
        return "the key of the stored file is not a plain path"
    return ""


def _path_of_asset(row: Row) -> str:
    # assets/<scope>/<name>/<version>/<path>, as the data model lays keys out.
    return str(row["r2_key"]).split("/", 4)[-1]


def _withheld() -> set[UUID]:
    """The versions whose bytes and words a mirror must not get."""
    return set(VersionWithholding.objects.in_force().values_list("version_id", flat=True))


OF_WITHHELD = Redaction(column="version_id", ids=_withheld)

CATEGORIES = Table(
    name="categories",
    model=Category,
    order=["id"],
    replaces_rows=True,
    converters={"name": clean_names, "sentence": clean_names},
    defaults={"sentence": lambda _row: ""},
)
AGENTS = Table(
    name="agents",
    model=Agent,
    order=["id"],
    private_columns=frozenset({"delisted_by_user_id"}),
    former_columns=frozenset({"search_text", "more_words", "asks_for_secrets"}),
    # The import counts numbers that depend on the day and copies values of the versions again. A
    # revision is valid in one database only.
    omitted=frozenset(
        {
            *("downloads_30d", "signed_in_30d", "networks_30d", "trend_ratio", "search_weight"),
            *("revision", *ROW_COLUMNS),
            # From content, which an import reads later.
            *("guide_count", "taglines"),
        }
    ),
    forward_references=frozenset({"latest_version_id"}),
    converters={"display_name": clean_names, "tagline": clean_names},
    problem=_agent_complaint,
)
VERSIONS = Table(
    name="versions",
    model=Version,
    order=["id"],
    problem=_version_complaint,
    stored_file=StoredFile(
        key="tarball_r2_key", sha256="tarball_sha256", size="tarball_size_bytes"
    ),
    redaction=Redaction(column="id", ids=_withheld, replacement={"manifest": {}}),
)
# Part of every export, not only of backups: an importing shop must not serve withheld content.
WITHHOLDINGS = Table(
    name="version_withholdings",
    model=VersionWithholding,
    order=["id"],
    private_columns=frozenset({"withheld_by_user_id", "lifted_by_user_id"}),
)
# Counts per day, without persons; an import without them starts counting at zero.
DOWNLOAD_DAYS = Table(name="download_days", model=DownloadDay, order=["version_id", "day"])
# Only in backups: events that this server recorded.
NETWORK_SKETCHES = Table(
    name="network_sketches",
    model=NetworkSketch,
    order=["agent_id", "day"],
    private=True,
    problem=_sketch_complaint,
)
# Only in backups: a mirror has maintainers of its own, who pick for themselves.
AGENT_PICKS = Table(name="agent_picks", model=AgentPick, order=["agent_id"], private=True)
AGENT_TAGS = Table(name="agent_tags", model=AgentTag, order=["agent_id", "tag"])
VERSION_ASSETS = Table(
    name="version_assets",
    model=VersionAsset,
    order=["id"],
    defaults={"path": _path_of_asset},
    # Small copies are made again after an import.
    omitted=frozenset({"small_sha256"}),
    problem=_asset_complaint,
    stored_file=StoredFile(key="r2_key", sha256="sha256", size="size_bytes"),
    redaction=OF_WITHHELD,
)
# Computed from the files, but exported: an import is cheaper than computing again, and an export
# may come without files.
VERSION_FILES = Table(
    name="version_files",
    model=VersionFile,
    order=["version_id", "id"],
    omitted=COMPUTED_COLUMNS,
    redaction=OF_WITHHELD,
)
VERSION_FINDINGS = Table(
    name="version_findings",
    model=VersionFinding,
    order=["version_id", "id"],
    omitted=COMPUTED_COLUMNS,
    redaction=OF_WITHHELD,
)
VERSION_ANALYSES = Table(
    name="version_analyses",
    model=VersionAnalysis,
    order=["version_id", "id"],
    omitted=COMPUTED_COLUMNS,
    problem=_analysis_complaint,
    redaction=OF_WITHHELD,
)
VERSION_RENDERINGS = Table(
    name="version_renderings",
    model=VersionRendering,
    order=["version_id", "id"],
    omitted=COMPUTED_COLUMNS,
    # Pages insert this HTML unescaped, and an export may come from an untrusted source.
    converters={"html": lambda texts: _clean_prose(texts)},
    redaction=OF_WITHHELD,
)

# Only in backups, which contain the audit log it refers to. Mirrors can then continue with their
# cursors on the restored server.
CHANGES = Table(
    name="changes",
    model=FeedEntry,
    order=["position"],
    private=True,
)


def after_import(absent: Collection[str]) -> None:
    """Derive columns that an export does not have, from its versions."""
    roll_sums()
    refresh_trending()
    recount_networks()
    for batch in in_batches(Agent.objects.order_by("pk").iterator()):
        update_row_columns(batch)
    columns = [column for column in DERIVED_COLUMNS if f"agents.{column}" in absent]
    agents = Agent.objects.order_by("pk") if columns else Agent.objects.none()
    for batch in in_batches(agents.iterator()):
        for agent in batch:
            _derive(agent, columns)
        Agent.objects.bulk_update(batch, [column.removesuffix("_id") for column in columns])
    for name in (SITE, CATALOGUE, RANKING, MENTIONS):
        bump_revision(name)
    # This text needs no files; the description of the listing is that of the latest version.
    descriptions = store_descriptions() if VERSION_RENDERINGS.name in absent else iter(())
    # A child process renders descriptions while this one indexes.
    while index_next(AGENTS_PER_INDEX_RUN):
        deque(islice(descriptions, DESCRIPTIONS_PER_INDEX_RUN), maxlen=0)
    deque(descriptions, maxlen=0)


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


def _derive(agent: Agent, columns: list[str]) -> None:
    derived: dict[str, Any] = {"folded_name": folded_name_of(agent.display_name)}
    summary = version_summary(agent.pk)
    if summary is not None:
        imported_id = agent.latest_version_id
        derived |= version_columns(agent, summary)
        if "latest_version_id" not in columns:
            derived["is_listed"] = imported_id is not None and not agent.is_delisted
        versions = Version.objects.filter(pk__in=[summary.shown_id or UUID(int=0)])
        derived |= filter_columns(versions.values_list("manifest", flat=True).first() or {})
    for column in derived.keys() & set(columns):
        setattr(agent, column, derived[column])


def _own_agents(user_id: UUID) -> Iterator[Row]:
    agents = Agent.objects.filter(owner_user_id=user_id).order_by("created_at", "id")
    hidden = (*SEARCH_COLUMNS, "search_weight", "revision", "delisted_by_user_id")
    return rows_without(agents, *hidden)


def _own_versions(user_id: UUID) -> Iterator[Row]:
    versions = Version.objects.filter(uploaded_by_user_id=user_id).order_by("uploaded_at", "id")
    return rows_without(versions, "yanked_by_user_id")


def _own_drafts(user_id: UUID) -> Iterator[Row]:
    drafts = Draft.objects.filter(owner_user_id=user_id).order_by("created_at", "id")
    return rows_without(drafts, "preview")


PERSONAL_DATA = (
    PersonalDataPart("agents", _own_agents),
    PersonalDataPart("versions", _own_versions),
    PersonalDataPart("drafts", _own_drafts),
)

"""Find two versions of an agent, and what is stored about their diff.

A diff is computed once and stored (ADR 12): an agent with a thousand versions has a million pairs,
and crawlers request all of them.
"""

import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from foundation.batches import in_batches
from registry.agents.derived_data import get_analyses, get_release_notes
from registry.agents.detail import get_shown_version
from registry.agents.queries import refuse_withheld
from registry.agents.sales import may_read_version
from registry.analysis.diff.files import DIFF_VERSION, PackagedFile, pair_files, select_texts
from registry.analysis.diff.summary import DiffSummary, StoredDiff
from registry.analysis.file_text import FileText
from registry.analysis.model import ANALYZER_VERSION
from registry.errors import NothingToCompare, SameVersion, VersionNotFound
from registry.examiner.records import DiffRequest
from registry.examiner.rendered_file import FILE_RENDERER_VERSION
from registry.examiner.tasks import Examiner
from registry.models import (
    Agent,
    FileView,
    Version,
    VersionDiff,
    VersionDiffPage,
    VersionFile,
    VersionRendering,
)
from registry.package.rule_set import RULE_SET
from registry.rules.semver import is_newer, predecessors
from registry.sandbox.readers import examine_for_reader
from wordclaw.payments.access.credentials import Reader

# Everything that a diff is computed from. A stored diff of another rule set is not used any more.
DIFF_RULE_SET = f"{DIFF_VERSION}-{ANALYZER_VERSION}-{FILE_RENDERER_VERSION}-{RULE_SET}"
# Bytes of text that one diff reads from the database: a limit for memory and time.
MAX_TEXT_BYTES = 3_000_000
# The columns of a version that the page of a diff shows.
COLUMNS = ("id", "version", "channel", "uploaded_at")
NUMBER = COLUMNS.index("version")

Predecessors = Mapping[str, str | None]
"""Versions that are not withheld, highest first, each with the one that it replaces."""


@dataclass(frozen=True, slots=True)
class VersionPair:
    """Two versions of an agent in the requested order, which may be backwards.

    ``version_count`` counts all versions of the agent.
    """

    agent: Agent
    old: Version
    new: Version
    predecessors: Predecessors
    version_count: int

    @property
    def is_adjacent(self) -> bool:
        """Whether an update to ``new`` usually comes from ``old``."""
        return self.predecessors.get(self.new.version) == self.old.version

    @property
    def is_backwards(self) -> bool:
        return is_newer(self.old.version, self.new.version)

    @property
    def previous(self) -> str | None:
        """The version that ``old`` replaces."""
        return self.predecessors.get(self.old.version)

    @property
    def next(self) -> str | None:
        """The lowest version that replaces ``new``."""
        number = self.new.version
        successors = [n for n, previous in self.predecessors.items() if previous == number]
        return successors[-1] if successors else None


@dataclass(frozen=True, slots=True)
class VersionHistory:
    """All versions of an agent. ``rows`` are column values by version, newest first."""

    agent: Agent
    rows: Mapping[str, Sequence[Any]]
    withheld_numbers: frozenset[str]

    @property
    def predecessors(self) -> Predecessors:
        return _predecessors(
            tuple(number for number in self.rows if number not in self.withheld_numbers)
        )

    def pair(self, old: str, new: str) -> VersionPair:
        """Raises `SameVersion`, `VersionNotFound` or `VersionWithheld`."""
        if old == new:
            raise SameVersion
        if old not in self.rows or new not in self.rows:
            raise VersionNotFound
        before, after = (Version.from_db(None, COLUMNS, self.rows[number]) for number in (old, new))
        for version in (before, after):
            if version.version in self.withheld_numbers:
                refuse_withheld(version)
        return VersionPair(self.agent, before, after, self.predecessors, len(self.rows))

    def upgrade_to(self, number: str) -> VersionPair:
        """The version with its predecessor. Raises `NothingToCompare` if it has none."""
        before = self.predecessors.get(number)
        if before is None:
            raise NothingToCompare
        return self.pair(before, number)


# Cached, because parsing and sorting a thousand version numbers is slow.
@lru_cache(maxsize=256)
def _predecessors(numbers: tuple[str, ...]) -> Predecessors:
    return predecessors(numbers)


def load_history(agent: Agent) -> VersionHistory:
    versions = Version.objects.of(agent.pk).marked_withheld().newest_first()
    # Plain values, since there may be a thousand; only the two versions of a pair become models.
    rows = list(versions.values_list(*COLUMNS, "is_withheld"))
    withheld_numbers = frozenset(row[NUMBER] for row in rows if row[-1])
    return VersionHistory(agent, {row[NUMBER]: row[:-1] for row in rows}, withheld_numbers)


def find_pair(agent: Agent, old: str, new: str) -> VersionPair:
    """Raises `SameVersion`, `VersionNotFound` or `VersionWithheld`."""
    return load_history(agent).pair(old, new)


def upgrade_to(agent: Agent, number: str) -> VersionPair:
    """A version with its predecessor. Raises `NothingToCompare` if it has none."""
    return load_history(agent).upgrade_to(number)


def latest_upgrade(agent: Agent) -> VersionPair:
    """The version that the agent's page shows, with its predecessor.

    If that version is the first one, the newest upgrade of all: pre-releases may follow it. Raises
    `NothingToCompare` if there is no upgrade.
    """
    history, number = load_history(agent), get_shown_version(agent).version
    if history.predecessors.get(number) is None:
        number = next((n for n, before in history.predecessors.items() if before), number)
    return history.upgrade_to(number)


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    version: Version
    before: str | None
    notes: VersionRendering | None


def list_history_entries(agent: Agent, versions: Sequence[Version]) -> list[HistoryEntry]:
    numbers = Version.objects.of(agent.pk).not_withheld().values_list("version", flat=True)
    predecessor_numbers = predecessors(numbers)
    notes = get_release_notes([version.pk for version in versions])
    return [
        HistoryEntry(version, predecessor_numbers.get(version.version), notes.get(version.pk))
        for version in versions
    ]


FIRST_ID, LAST_ID = UUID(int=0), UUID(int=2**128 - 1)


def list_missing_upgrades(
    limit: int, *, start: UUID = FIRST_ID, end: UUID = LAST_ID
) -> list[VersionPair]:
    """Upgrades without a diff of today's rules, of up to ``limit`` agents.

    Their ids are from ``start`` to below ``end``, in this order. An agent whose missing pair is
    withheld counts, too.
    """
    diffs = VersionDiff.objects.filter(
        new_version__agent=OuterRef("pk"), is_adjacent=True, rule_set=DIFF_RULE_SET
    )
    counts = diffs.values("new_version__agent").annotate(count=Count("pk")).values("count")
    agents = Agent.objects.annotate(diff_count=Coalesce(Subquery(counts), 0)).filter(
        pk__gte=start, pk__lt=end, version_count__gt=1, diff_count__lt=F("version_count") - 1
    )
    return [pair for agent in agents.order_by("pk")[:limit] for pair in _missing_upgrades(agent)]


def _missing_upgrades(agent: Agent) -> Iterator[VersionPair]:
    diffs = VersionDiff.objects.filter(
        new_version__agent=agent, is_adjacent=True, rule_set=DIFF_RULE_SET
    )
    present = set(diffs.values_list("old_version__version", "new_version__version"))
    history = load_history(agent)
    for number, before in history.predecessors.items():
        if before and (before, number) not in present:
            yield history.upgrade_to(number)


def may_read_texts(pair: VersionPair, reader: Reader) -> bool:
    """Whether a reader may read the texts of both versions; nothing is used up."""
    return all(
        may_read_version(pair.agent, version.version, reader).is_allowed
        for version in (pair.old, pair.new)
    )


def find_diff(pair: VersionPair) -> VersionDiff | None:
    return VersionDiff.objects.filter(
        old_version=pair.old.pk, new_version=pair.new.pk, rule_set=DIFF_RULE_SET
    ).first()


def parse_summary(diff: VersionDiff) -> DiffSummary:
    return DiffSummary.model_validate(diff.summary)


def find_html(pair: VersionPair, renderer_version: str, language: str) -> str | None:
    pages = VersionDiffPage.objects.filter(
        diff__old_version=pair.old.pk,
        diff__new_version=pair.new.pk,
        diff__rule_set=DIFF_RULE_SET,
        renderer=renderer_version,
        language=language,
    )
    html = pages.values_list("html", flat=True).first()
    return None if html is None else zlib.decompress(html).decode()


def compute_diff(old: Version, new: Version) -> StoredDiff:
    """Compares two versions in the sandbox. Raises DiffsBusy and DiffTooCostly."""
    files = _load_files(old, new)
    pairs, unchanged_count = pair_files(files[old.pk], files[new.pk])
    texts = _load_texts(select_texts(pairs, max_bytes=MAX_TEXT_BYTES))
    old_analysis, new_analysis = get_analyses([old, new])
    request = DiffRequest(old_analysis, new_analysis, tuple(pairs), unchanged_count, texts)
    with examine_for_reader() as examination:
        return examination.call(Examiner.diff, request)


def _load_files(*versions: Version) -> dict[UUID, list[PackagedFile]]:
    files: dict[UUID, list[PackagedFile]] = {version.pk: [] for version in versions}
    rows = VersionFile.objects.filter(version__in=versions, rule_set=str(RULE_SET))
    columns = ("version_id", "path", "kind", "size_bytes", "sha256")
    for version_id, *values in rows.order_by("path").values_list(*columns):
        files[version_id].append(PackagedFile(*values))
    return files


def _load_texts(hashes: Collection[str]) -> dict[str, FileText]:
    texts = {}
    for batch in in_batches(sorted(hashes)):
        views = FileView.objects.filter(sha256__in=batch, rule_set=FILE_RENDERER_VERSION)
        for sha256, text, is_cut in views.values_list("sha256", "text", "is_cut"):
            texts[sha256] = FileText(text, is_cut)
    return texts

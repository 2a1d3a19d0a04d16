"""What changed between two versions of an agent: made once, kept, and never made on a page's way
where a publish could have made it. See ADR 12."""

import zlib
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import CharField, QuerySet, UUIDField
from django.db.utils import IntegrityError, OperationalError

from foundation.caching.actions import bump_site
from foundation.prepared import Parameter, Prepared
from registry.agents.detail import analyses_of, release_notes_of, shown_version
from registry.agents.queries import refuse_withheld
from registry.agents.revisions import bump_agent
from registry.analysis.diff.files import DIFF_VERSION, PackagedFile, pair_files, select_texts
from registry.analysis.diff.versions import DiffSummary, StoredDiff, diff_versions
from registry.analysis.facts import FileText
from registry.analysis.model import ANALYZER_VERSION
from registry.errors import NothingToCompare, SameVersion, VersionNotFound
from registry.files.rendered import FILE_RENDERER_VERSION
from registry.models import (
    Agent,
    FileView,
    Version,
    VersionDiff,
    VersionDiffPage,
    VersionFile,
    VersionRendering,
)
from registry.package.manifest.schema import RULE_SET
from registry.rules.semver import is_newer, predecessors

RULES = f"{DIFF_VERSION}-{ANALYZER_VERSION}-{FILE_RENDERER_VERSION}-{RULE_SET}"
MOST_TEXT_BYTES = 3_000_000
MOST_DISTANT_KEPT = 2_000
BATCH = 500
UNIQUE = ("old_version", "new_version", "rule_set")
# Of a version, what the head of a page says; the rest is read where somebody asks for it.
COLUMNS = ("id", "version", "channel", "uploaded_at")
NUMBER = COLUMNS.index("version")

Steps = Mapping[str, str | None]
"""Every version that is not withheld, highest first, with the one that it came after."""


@dataclass(frozen=True, slots=True)
class Couple:
    """Two versions of an agent in the order in which they were asked for. ``is_adjacent``: the one
    is what people come from when they get the other. ``version_count`` is of all."""

    agent: Agent
    old: Version
    new: Version
    steps: Steps
    version_count: int

    @property
    def is_adjacent(self) -> bool:
        return self.steps.get(self.new.version) == self.old.version

    @property
    def is_backwards(self) -> bool:
        return is_newer(self.old.version, self.new.version)

    @property
    def before(self) -> str | None:
        """What the older of an adjacent couple came after."""
        return self.steps.get(self.old.version)

    @property
    def after(self) -> str | None:
        """What came after the newer of an adjacent couple: of several the lowest."""
        above = [number for number, before in self.steps.items() if before == self.new.version]
        return above[-1] if above else None


@dataclass(frozen=True, slots=True)
class _Ledger:
    """Every version of an agent: its columns by its number, the newest first."""

    agent: Agent
    rows: Mapping[str, Sequence[Any]]
    withheld: frozenset[str]

    @property
    def steps(self) -> Steps:
        return _steps(tuple(number for number in self.rows if number not in self.withheld))

    def couple(self, old: str, new: str) -> Couple:
        """Refuses unknown numbers, one number twice, and withheld ones."""
        if old == new:
            raise SameVersion
        if old not in self.rows or new not in self.rows:
            raise VersionNotFound
        before, after = (Version.from_db(None, COLUMNS, self.rows[number]) for number in (old, new))
        for version in (before, after):
            if version.version in self.withheld:
                refuse_withheld(version)
        return Couple(self.agent, before, after, self.steps, len(self.rows))

    def step_to(self, number: str) -> Couple:
        """A version and the one before it; refuses where there is none."""
        before = self.steps.get(number)
        if before is None:
            raise NothingToCompare
        return self.couple(before, number)


@lru_cache(maxsize=256)
def _steps(numbers: tuple[str, ...]) -> Steps:
    return predecessors(numbers)


def _ledger(agent: Agent) -> _Ledger:
    # As plain values, for there may be a thousand; models are made of the two that are asked for.
    found = _versions().tuples(agent_id=agent.pk)
    withheld = frozenset(row[NUMBER] for row in found if row[-1])
    return _Ledger(agent, {row[NUMBER]: row[:-1] for row in found}, withheld)


@cache
def _versions() -> Prepared:
    versions = Version.objects.of(Parameter("agent_id", UUIDField())).marked_withheld()
    return Prepared(versions.newest_first().values(*COLUMNS, "is_withheld"))


def steps_of(agent: Agent) -> Steps:
    """The versions that are not withheld, highest first, each with the one before it."""
    numbers = Version.objects.of(agent.pk).not_withheld().values_list("version", flat=True)
    return predecessors(numbers)


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """A version in the ledger, the number that it came after, and what its author wrote of it."""

    version: Version
    before: str | None
    notes: VersionRendering | None


def entries_of(agent: Agent, versions: Sequence[Version]) -> list[LedgerEntry]:
    """Some versions of an agent, in two queries."""
    steps, notes = steps_of(agent), release_notes_of([version.pk for version in versions])
    return [
        LedgerEntry(version, steps.get(version.version), notes.get(version.pk))
        for version in versions
    ]


def latest_couple(agent: Agent) -> Couple:
    """The version that the agent's page speaks of and the one before it. Where it is the first, and
    others came after it that are not offered yet (pre-releases), the newest step; refuses where
    there is none."""
    ledger, shown = _ledger(agent), shown_version(agent).version
    if ledger.steps.get(shown) is None:
        shown = next((number for number, before in ledger.steps.items() if before), shown)
    return ledger.step_to(shown)


def step_to(agent: Agent, number: str) -> Couple:
    """A version and the one before it, in one query; refuses where there is none."""
    return _ledger(agent).step_to(number)


def find_couple(agent: Agent, old: str, new: str) -> Couple:
    """Two versions of the agent, in one query; refuses unknown numbers, one number twice, and
    withheld ones."""
    return _ledger(agent).couple(old, new)


def diff_of(couple: Couple, *, making: AbstractContextManager[None] | None = None) -> VersionDiff:
    """What is kept of a couple; made now, inside of ``making`` (which may refuse), where nothing
    is."""
    kept = _kept(couple).first()
    if kept:
        return kept
    with making or nullcontext():
        return make_diff(couple)


def _kept(couple: Couple) -> QuerySet[VersionDiff]:
    return VersionDiff.objects.filter(
        old_version=couple.old.pk, new_version=couple.new.pk, rule_set=RULES
    )


def make_diff(couple: Couple) -> VersionDiff:
    """Compare two versions and keep what comes of it. Somebody else may have done so meanwhile:
    it is the same; and one that cannot be kept is shown all the same."""
    found = _diffed(couple.old, couple.new)
    made = VersionDiff(
        old_version=couple.old,
        new_version=couple.new,
        rule_set=RULES,
        is_adjacent=couple.is_adjacent,
        asks_for_more=bool(found.summary.asks_for_more),
        summary=found.summary.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        hunks=found.hunks,
    )
    with (
        suppress(OperationalError),
        transaction.atomic(),
    ):  # A busy database must not stop a reader.
        # To write the same over what is there, rather than nothing, tells which row it is.
        VersionDiff.objects.bulk_create(
            [made], update_conflicts=True, unique_fields=UNIQUE, update_fields=["rule_set"]
        )
        if made.is_adjacent and made.asks_for_more:
            bump_agent(couple.agent.pk)  # Every row of the agent says when it last did so.
    return made


def kept_page(couple: Couple, renderer: str, language: str) -> str | None:
    """The HTML of a couple that `keep_page` kept under the same names."""
    kept = _kept_pages(renderer).tuples(old=couple.old.pk, new=couple.new.pk, language=language)
    return zlib.decompress(kept[0][0]).decode() if kept else None


@lru_cache(maxsize=2)
def _kept_pages(renderer: str) -> Prepared:
    kept = VersionDiffPage.objects.filter(
        diff__old_version=Parameter("old", UUIDField()),
        diff__new_version=Parameter("new", UUIDField()),
        diff__rule_set=RULES,
        renderer=renderer,
        language=Parameter("language", CharField()),
    )
    return Prepared(kept.values("html")[:1])


def keep_page(diff: VersionDiff, renderer: str, language: str, html: str) -> None:
    """Beside the diff, to go with it; nowhere where that could not be kept."""
    if diff._state.adding:
        return
    compressed = zlib.compress(html.encode())
    page = VersionDiffPage(diff=diff, renderer=renderer, language=language, html=compressed)
    with suppress(OperationalError, IntegrityError):  # It is busy, or the diff has just gone.
        VersionDiffPage.objects.bulk_create([page], ignore_conflicts=True)


def summary_of(diff: VersionDiff) -> DiffSummary:
    return DiffSummary.model_validate(diff.summary)


def _diffed(old: Version, new: Version) -> StoredDiff:
    files = _entries(old, new)
    pairs, unchanged = pair_files(files[old.pk], files[new.pk])
    wanted = select_texts(pairs, max_bytes=MOST_TEXT_BYTES)
    analyses = analyses_of([old, new])
    return diff_versions(analyses[0], analyses[1], pairs, unchanged, _texts(wanted))


def _entries(*versions: Version) -> dict[UUID, list[PackagedFile]]:
    found: dict[UUID, list[PackagedFile]] = {version.pk: [] for version in versions}
    rows = VersionFile.objects.filter(version__in=versions, rule_set=str(RULE_SET))
    columns = ("version_id", "path", "kind", "size_bytes", "sha256")
    for version_id, *entry in rows.order_by("path").values_list(*columns):
        found[version_id].append(PackagedFile(*entry))
    return found


def _texts(wanted: Collection[str]) -> Mapping[str, FileText]:
    hashes, texts = sorted(wanted), {}
    for start in range(0, len(hashes), BATCH):
        views = FileView.objects.filter(
            sha256__in=hashes[start : start + BATCH], rule_set=FILE_RENDERER_VERSION
        )
        for sha256, text, is_cut in views.values_list("sha256", "text", "is_cut"):
            texts[sha256] = FileText(text, is_cut)
    return texts


def forget_old_diffs(renderer: str) -> int:
    """Drop what former rules made, pages that former templates made, and of distant couples all but
    the last ones that were asked for: their number grows with the square of an agent's versions.
    Gives how many diffs."""
    with transaction.atomic():
        former = VersionDiff.objects.exclude(rule_set=RULES).delete()[1]
        if former:
            bump_site()  # A row says when its agent last asked for more.
    VersionDiffPage.objects.exclude(renderer=renderer).delete()
    distant = VersionDiff.objects.filter(is_adjacent=False).order_by("-made_at", "-id")
    ids = list(distant.values_list("pk", flat=True)[MOST_DISTANT_KEPT:])
    for start in range(0, len(ids), BATCH):
        VersionDiff.objects.filter(pk__in=ids[start : start + BATCH]).delete()
    return former.get(VersionDiff._meta.label, 0) + len(ids)

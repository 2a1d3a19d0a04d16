"""What changed between two versions of an agent: made once, kept, and never made on a page's way
where a publish could have made it. See ADR 12."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.db.utils import OperationalError

from foundation.events.jobs import event_of
from foundation.events.models import Job
from registry.analysis.comparison import Compared, Summary, compare
from registry.analysis.filesdiff import COMPARER, Entry, changed_pairs, wanted_texts
from registry.analysis.model import ANALYZER
from registry.analysis.report import Text
from registry.errors import NothingToCompare, SameVersion, VersionNotFound
from registry.models import (
    Agent,
    FileView,
    Version,
    VersionComparison,
    VersionFile,
    VersionRendering,
)
from registry.publishing.fileviews import VIEW_RULES
from registry.publishing.manifest import RULE_SET
from registry.queries import refuse_withheld
from registry.rules import is_newer, predecessors
from registry.sheets import analyses_of, release_notes_of

RULES = f"{COMPARER}-{ANALYZER}-{VIEW_RULES}-{RULE_SET}"
MOST_TEXT_BYTES = 3_000_000
MOST_DISTANT_KEPT = 5_000
BATCH = 500


@dataclass(frozen=True, slots=True)
class Couple:
    """Two versions of an agent in the order in which they were asked for. ``is_adjacent``: the one
    is what people come from when they get the other."""

    agent: Agent
    old: Version
    new: Version
    steps: dict[str, str | None]
    """Every version that is not withheld, highest first, with the one that it came after."""

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
        above = (n for n in reversed(self.steps) if self.steps[n] == self.new.version)
        return next(above, None)


def steps_of(agent: Agent) -> dict[str, str | None]:
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


def latest_couple(agent: Agent, number: str) -> Couple:
    """A version and the one before it; refuses where there is none."""
    steps = steps_of(agent)
    before = steps.get(number)
    if before is None:
        raise NothingToCompare
    return _couple(agent, before, number, steps)


def find_couple(agent: Agent, old: str, new: str) -> Couple:
    """Two versions of the agent; refuses unknown numbers, one number twice, and withheld ones."""
    if old == new:
        raise SameVersion
    return _couple(agent, old, new, steps_of(agent))


def _couple(agent: Agent, old: str, new: str, steps: dict[str, str | None]) -> Couple:
    # Manifests are large, and needed only where a package was never read.
    rows = Version.objects.of(agent.pk).filter(version__in=(old, new)).defer("manifest")
    found = {version.version: version for version in rows}
    if len(found) < 2:
        raise VersionNotFound
    for number in (old, new):
        if number not in steps:
            refuse_withheld(found[number])
    return Couple(agent, found[old], found[new], steps)


def comparison_of(
    couple: Couple, *, before_distant: Callable[[], None] = lambda: None
) -> VersionComparison:
    """What is kept of a couple; made now where nothing is. ``before_distant`` is called before
    that is done for versions that are not neighbours: it may refuse."""
    kept = _kept(couple.old, couple.new)
    if kept:
        return kept
    if not couple.is_adjacent:
        before_distant()
    return keep_comparison(couple.old, couple.new, is_adjacent=couple.is_adjacent)


def _kept(old: Version, new: Version) -> VersionComparison | None:
    rows = VersionComparison.objects.filter(old_version=old, new_version=new, rule_set=RULES)
    return rows.defer("hunks").first()


def keep_comparison(old: Version, new: Version, *, is_adjacent: bool) -> VersionComparison:
    """Compare two versions and keep what comes of it. Somebody else may have done so meanwhile:
    it is the same; and one that cannot be kept is shown all the same."""
    compared = _compared(old, new)
    made = VersionComparison(
        old_version=old,
        new_version=new,
        rule_set=RULES,
        is_adjacent=is_adjacent,
        asks_for_more=bool(compared.summary.asks_for_more),
        summary=compared.summary.model_dump(mode="json", by_alias=True, exclude_defaults=True),
        hunks=compared.hunks,
        pages=compared.pages,
    )
    with suppress(OperationalError):  # A busy database keeps nobody from reading.
        VersionComparison.objects.bulk_create([made], ignore_conflicts=True)
    return made


def summary_of(comparison: VersionComparison) -> Summary:
    return Summary.model_validate(comparison.summary)


def _compared(old: Version, new: Version) -> Compared:
    files = _entries(old, new)
    pairs, unchanged = changed_pairs(files[old.pk], files[new.pk])
    wanted = wanted_texts(pairs, most_bytes=MOST_TEXT_BYTES)
    analyses = analyses_of([old, new])
    return compare(analyses[0], analyses[1], (pairs, unchanged), _texts(wanted))


def _entries(*versions: Version) -> dict[UUID, list[Entry]]:
    found: dict[UUID, list[Entry]] = {version.pk: [] for version in versions}
    rows = VersionFile.objects.filter(version__in=versions, rule_set=str(RULE_SET))
    columns = ("version_id", "path", "kind", "size_bytes", "sha256")
    for version_id, *entry in rows.order_by("path").values_list(*columns):
        found[version_id].append(Entry(*entry))
    return found


def _texts(wanted: Collection[str]) -> Mapping[str, Text]:
    hashes, texts = sorted(wanted), {}
    for start in range(0, len(hashes), BATCH):
        views = FileView.objects.filter(
            sha256__in=hashes[start : start + BATCH], rule_set=VIEW_RULES
        )
        for sha256, text, is_cut in views.values_list("sha256", "text", "is_cut"):
            texts[sha256] = Text(text, is_cut)
    return texts


def compare_with_previous(job: Job) -> str:
    """Behind a publish: what changed since the version before, so that no page has to wait."""
    full_id, _, number = event_of(job).entity_id.lstrip("@").partition("@")
    scope, _, name = full_id.partition("/")
    agent = Agent.objects.get(scope=scope, name=name)
    try:
        couple = latest_couple(agent, number)
    except NothingToCompare:
        return "the first one"
    return str(comparison_of(couple))


def forget_old_comparisons() -> int:
    """Drop what former rules made, and of distant couples all but the last ones that were asked
    for: their number grows with the square of an agent's versions. Gives how many."""
    former = VersionComparison.objects.exclude(rule_set=RULES).delete()[0]
    distant = VersionComparison.objects.filter(is_adjacent=False).order_by("-made_at", "-id")
    ids = list(distant.values_list("pk", flat=True)[MOST_DISTANT_KEPT : MOST_DISTANT_KEPT + 10_000])
    for start in range(0, len(ids), BATCH):
        VersionComparison.objects.filter(pk__in=ids[start : start + BATCH]).delete()
    return former + len(ids)

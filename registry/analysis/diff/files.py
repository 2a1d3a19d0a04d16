"""Which files came, went, moved and changed between two packages, and what changed in them."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from registry.analysis.facts import MANIFEST, Text
from registry.analysis.model import Fact
from registry.analysis.textdiff import Budget, TextDiff, diff_texts

COMPARER = "1"
"""Goes up when the same two packages would give another comparison."""

MOST_FILES = 200
MOST_CANDIDATES = 20
"""Files that came, and files that went, among which a moved and edited one is looked for."""
LINES_LOOKED_AT = 1_000
"""Of each of them."""
ALIKE = 0.5
"""The share of lines that two files must have in common to be one that moved."""
PROSE = ("markdown",)

Status = Literal["added", "removed", "renamed", "changed"]


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a package; ``size`` in bytes."""

    path: str
    kind: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Pair:
    """One file on both sides, or on one."""

    old: Entry | None
    new: Entry | None

    @property
    def entry(self) -> Entry:
        found = self.new or self.old
        assert found is not None  # noqa: S101 - one side is always there
        return found

    @property
    def status(self) -> Status:
        if self.old is None:
            return "added"
        if self.new is None:
            return "removed"
        return "changed" if self.old.path == self.new.path else "renamed"


class FileDiff(Fact):
    """``old_path`` where it is another. Without ``text`` only sizes are known: it is no text, or
    was not compared. ``is_partial``: the files go on behind what was compared."""

    status: Status
    path: str
    old_path: str = ""
    kind: str
    size: int | None = None
    old_size: int | None = None
    text: TextDiff | None = None
    is_partial: bool = False


class FilesDiff(Fact):
    """``counts`` are by status, of all files; ``not_shown`` files are in them and nowhere else."""

    files: tuple[FileDiff, ...] = ()
    counts: dict[Status, int]
    not_shown: int = 0
    unchanged: int = 0


def changed_pairs(old: Iterable[Entry], new: Iterable[Entry]) -> tuple[list[Pair], int]:
    """Files that are not the same on both sides, those with the same bytes elsewhere paired; and
    how many stayed as they were."""
    before = {entry.path: entry for entry in old}
    after = {entry.path: entry for entry in new}
    both = [path for path in after if path in before]
    changed = [path for path in both if after[path].sha256 != before[path].sha256]
    gone = [entry for path, entry in before.items() if path not in after]
    come = [entry for path, entry in after.items() if path not in before]
    pairs = [Pair(before[path], after[path]) for path in changed]
    pairs += _with_same_bytes(gone, come)
    return sorted(pairs, key=_place), len(both) - len(changed)


def _place(pair: Pair) -> tuple[bool, str]:
    # The manifest last: what it says is said above the files already.
    return pair.entry.path == MANIFEST, pair.entry.path


def _with_same_bytes(gone: Sequence[Entry], come: Sequence[Entry]) -> Iterator[Pair]:
    waiting: dict[str, list[Entry]] = {}
    for entry in gone:
        waiting.setdefault(entry.sha256, []).append(entry)
    for entry in come:
        same = waiting.get(entry.sha256)
        yield Pair(same.pop(0) if same and entry.size else None, entry)
    yield from (Pair(entry, None) for left in waiting.values() for entry in left)


def wanted_texts(pairs: Sequence[Pair], *, most_bytes: int) -> set[str]:
    """The hashes of the texts that `compare_files` can make use of, up to so many bytes."""
    wanted: set[str] = set()
    for pair in pairs[:MOST_FILES]:
        sides = [side for side in (pair.old, pair.new) if side and side.sha256 not in wanted]
        needed = sum(min(side.size, KEPT_BYTES) for side in sides)
        if needed <= most_bytes and pair.entry.kind in ("markdown", "text"):
            most_bytes -= needed
            wanted.update(side.sha256 for side in sides)
    return wanted


KEPT_BYTES = 256 * 1024
"""Of a text, what is kept from its beginning."""


def compare_files(
    pairs: Sequence[Pair], unchanged: int, texts: Mapping[str, Text], budget: Budget
) -> FilesDiff:
    """``texts`` are by SHA-256; what is not among them is not compared."""
    pairs = sorted(_with_like_texts(pairs, texts), key=_place)
    shown = pairs[:MOST_FILES]
    return FilesDiff(
        files=tuple(_compared(pair, texts, budget) for pair in shown),
        counts=dict(Counter(pair.status for pair in pairs)),
        not_shown=len(pairs) - len(shown),
        unchanged=unchanged,
    )


def _with_like_texts(pairs: Sequence[Pair], texts: Mapping[str, Text]) -> Iterator[Pair]:
    """Files that moved and were edited on the way: half of their lines stayed."""
    gone = [p.old for p in pairs if p.old and not p.new and p.old.sha256 in texts]
    gone = gone[:MOST_CANDIDATES]
    lines = {entry.path: _line_counts(texts[entry.sha256]) for entry in gone}
    found: dict[str, Entry] = {}
    come = [p.new for p in pairs if p.new and not p.old and p.new.sha256 in texts]
    for entry in come[:MOST_CANDIDATES]:
        mine = _line_counts(texts[entry.sha256])
        like = {path: _likeness(mine, lines[path]) for path in lines}
        best = max(like, key=lambda path: like[path], default="")
        if best and like[best] >= ALIKE:
            del lines[best]
            found[entry.path] = next(one for one in gone if one.path == best)
    taken = {entry.path for entry in found.values()}
    for pair in pairs:
        if pair.new and not pair.old and pair.new.path in found:
            yield Pair(found[pair.new.path], pair.new)
        elif not (pair.old and not pair.new and pair.old.path in taken):
            yield pair


def _line_counts(text: Text) -> Counter[str]:
    lines = (line.rstrip("\r") for line in text.text.split("\n") if line.strip())
    return Counter(islice(lines, LINES_LOOKED_AT))


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    most = max(one.total(), other.total())
    if not most or min(one.total(), other.total()) < ALIKE * most:
        return 0.0
    return (one & other).total() / most


def _compared(pair: Pair, texts: Mapping[str, Text], budget: Budget) -> FileDiff:
    old, new, entry = pair.old, pair.new, pair.entry
    before = texts.get(old.sha256) if old else Text("")
    after = texts.get(new.sha256) if new else Text("")
    is_same = old and new and old.sha256 == new.sha256
    is_text = before is not None and after is not None and not is_same
    return FileDiff(
        status=pair.status,
        path=entry.path,
        old_path=old.path if old and old.path != entry.path else "",
        kind=entry.kind,
        size=new.size if new else None,
        old_size=old.size if old else None,
        text=diff_texts(before.text, after.text, is_prose=entry.kind in PROSE, budget=budget)
        if is_text and before and after
        else None,
        is_partial=bool(is_text and before and after and (before.is_cut or after.is_cut)),
    )

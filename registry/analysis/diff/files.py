"""File diff: added, removed, renamed and changed files, and their text diffs.

The caller works in three steps, so that only texts that matter are read from the database:
`pair_files`, then `select_texts`, then `diff_files` with the texts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from foundation.sandbox.place import working_on
from foundation.text.diff import DiffBudget, TextDiff, diff_texts
from registry.analysis.file_text import FileText
from registry.analysis.model import Fact
from registry.package.manifest.schema import MANIFEST

DIFF_VERSION = "1"
"""Increase when the same two packages would give another diff: stored diffs are made again."""

MAX_FILES = 200
STORED_TEXT_BYTES = 256 * 1024
"""Stored of each text, from its beginning."""
# Edited renames are searched only among the first added and removed files: each pair is compared.
MAX_RENAME_CANDIDATES = 20
MAX_RENAME_LINES = 1_000
MIN_RENAME_SIMILARITY = 0.5
"""Share of lines that a removed and an added file have in common if they are one renamed file."""

FileStatus = Literal["added", "removed", "renamed", "changed"]


@dataclass(frozen=True, slots=True)
class PackagedFile:
    """A file of a package; ``size`` in bytes."""

    path: str
    kind: str
    size: int
    sha256: str

    @property
    def is_text(self) -> bool:
        return self.kind in ("markdown", "text")


@dataclass(frozen=True, slots=True)
class FilePair:
    old: PackagedFile | None
    new: PackagedFile | None

    @property
    def file(self) -> PackagedFile:
        """The new file, or the old one if it was removed."""
        file = self.new or self.old
        assert file is not None  # noqa: S101 - every pair has one side at least
        return file

    @property
    def status(self) -> FileStatus:
        if self.old is None:
            return "added"
        if self.new is None:
            return "removed"
        return "changed" if self.old.path == self.new.path else "renamed"


class FileDiff(Fact):
    """Diff of one file. ``old_path`` is set if it differs.

    ``text`` is None if the file is no text or was not compared: then only the sizes in bytes are
    known. ``is_partial``: only the beginnings were compared.
    """

    status: FileStatus
    path: str
    old_path: str = ""
    kind: str
    size: int | None = None
    old_size: int | None = None
    text: TextDiff | None = None
    is_partial: bool = False


class FilesDiff(Fact):
    """Diff of two packages. ``counts`` by status include the ``not_shown`` files."""

    files: tuple[FileDiff, ...] = ()
    counts: dict[FileStatus, int]
    not_shown: int = 0
    unchanged: int = 0


def pair_files(
    old: Iterable[PackagedFile], new: Iterable[PackagedFile]
) -> tuple[list[FilePair], int]:
    """The files that differ, in display order, and the number of unchanged files.

    A removed and an added file with the same bytes are one renamed file.
    """
    before = {file.path: file for file in old}
    after = {file.path: file for file in new}
    common = [path for path in after if path in before]
    changed_paths = [path for path in common if after[path].sha256 != before[path].sha256]
    removed_files = [file for path, file in before.items() if path not in after]
    added_files = [file for path, file in after.items() if path not in before]
    pairs = [FilePair(before[path], after[path]) for path in changed_paths]
    pairs += _pair_same_bytes(removed_files, added_files)
    return sorted(pairs, key=_display_order), len(common) - len(changed_paths)


def select_texts(pairs: Sequence[FilePair], *, max_bytes: int) -> set[str]:
    """SHA-256 of the texts that `diff_files` needs, as many as fit into ``max_bytes``."""
    selected_hashes: set[str] = set()
    # In display order, so that the budget is spent on the files at the top of the page.
    for pair in pairs[:MAX_FILES]:
        sides = [
            side for side in (pair.old, pair.new) if side and side.sha256 not in selected_hashes
        ]
        needed_bytes = sum(min(side.size, STORED_TEXT_BYTES) for side in sides)
        if needed_bytes <= max_bytes and pair.file.is_text:
            max_bytes -= needed_bytes
            selected_hashes.update(side.sha256 for side in sides)
    return selected_hashes


def diff_files(
    pairs: Sequence[FilePair],
    unchanged_count: int,
    texts: Mapping[str, FileText],
    budget: DiffBudget,
) -> FilesDiff:
    """Diff the paired files.

    ``texts`` are by SHA-256; a file whose text is missing is not compared.
    """
    pairs = sorted(_pair_edited_renames(pairs, texts), key=_display_order)
    return FilesDiff(
        files=tuple(_diff_file(pair, texts, budget) for pair in pairs[:MAX_FILES]),
        counts=dict(Counter(pair.status for pair in pairs)),
        not_shown=max(0, len(pairs) - MAX_FILES),
        unchanged=unchanged_count,
    )


def _display_order(pair: FilePair) -> tuple[bool, str]:
    # The manifest comes last: the capability diff above the files tells what changed in it.
    return pair.file.path == MANIFEST, pair.file.path


def _pair_same_bytes(
    removed_files: Sequence[PackagedFile], added_files: Sequence[PackagedFile]
) -> Iterator[FilePair]:
    by_content: defaultdict[str, list[PackagedFile]] = defaultdict(list)
    for file in removed_files:
        by_content[file.sha256].append(file)
    for file in added_files:
        candidates = by_content.get(file.sha256)
        # All empty files have the same bytes, which says nothing about a rename.
        yield FilePair(candidates.pop(0) if candidates and file.size else None, file)
    yield from (FilePair(file, None) for files in by_content.values() for file in files)


def _pair_edited_renames(
    pairs: Sequence[FilePair], texts: Mapping[str, FileText]
) -> Iterator[FilePair]:
    removed_files = [p.old for p in pairs if p.old and not p.new and p.old.sha256 in texts]
    added_files = [p.new for p in pairs if p.new and not p.old and p.new.sha256 in texts]
    candidates = {file.path: file for file in removed_files[:MAX_RENAME_CANDIDATES]}
    lines = {path: _count_lines(texts[file.sha256]) for path, file in candidates.items()}
    renamed_from: dict[str, PackagedFile] = {}
    for file in added_files[:MAX_RENAME_CANDIDATES]:
        own_lines = _count_lines(texts[file.sha256])
        similarity = {path: _similarity(own_lines, lines[path]) for path in lines}
        best = max(similarity, key=lambda path: similarity[path], default="")
        if best and similarity[best] >= MIN_RENAME_SIMILARITY:
            del lines[best]
            renamed_from[file.path] = candidates[best]
    renamed_paths = {file.path for file in renamed_from.values()}
    for pair in pairs:
        if pair.new and not pair.old and pair.new.path in renamed_from:
            yield FilePair(renamed_from[pair.new.path], pair.new)
        elif not (pair.old and not pair.new and pair.old.path in renamed_paths):
            yield pair


def _count_lines(text: FileText) -> Counter[str]:
    # Blank lines and line ends would make unrelated files look similar or equal ones different.
    lines = (line.rstrip("\r") for line in text.text.split("\n") if line.strip())
    return Counter(islice(lines, MAX_RENAME_LINES))


def _similarity(a: Counter[str], b: Counter[str]) -> float:
    """Share of common lines in the longer text; 0 if the lengths differ too much."""
    longer, shorter = max(a.total(), b.total()), min(a.total(), b.total())
    if not longer or shorter < MIN_RENAME_SIMILARITY * longer:
        return 0.0
    return (a & b).total() / longer


def _diff_file(pair: FilePair, texts: Mapping[str, FileText], budget: DiffBudget) -> FileDiff:
    old, new, file = pair.old, pair.new, pair.file
    working_on(file.path)
    # An added or removed file is compared with an empty text.
    before = texts.get(old.sha256) if old else FileText("")
    after = texts.get(new.sha256) if new else FileText("")
    has_same_bytes = old and new and old.sha256 == new.sha256
    text, is_partial = None, False
    if before and after and not has_same_bytes:
        is_prose = file.kind == "markdown"
        text = diff_texts(before.text, after.text, is_prose=is_prose, budget=budget)
        is_partial = before.is_cut or after.is_cut
    return FileDiff(
        status=pair.status,
        path=file.path,
        old_path=old.path if old and old.path != file.path else "",
        kind=file.kind,
        size=new.size if new else None,
        old_size=old.size if old else None,
        text=text,
        is_partial=is_partial,
    )

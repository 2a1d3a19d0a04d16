"""What changed between two versions, as it is kept: a summary, and the hunks of each file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from registry.analysis.diff.capabilities import Change, capability_changes
from registry.analysis.diff.files import FileDiff, FilesDiff, Pair, compare_files
from registry.analysis.facts import Text
from registry.analysis.model import Analysis, Fact
from registry.analysis.textdiff import Budget


class DiffSummary(Fact):
    """The capability diff and the files, each without its hunks. ``is_of_manifests_alone``: this
    shop has never read the bytes of one of the two."""

    capabilities: tuple[Change, ...] = ()
    files: FilesDiff
    is_of_manifests_alone: bool = False

    @property
    def asks_for_more(self) -> list[Change]:
        return [change for change in self.capabilities if change.grows]

    @property
    def otherwise(self) -> list[Change]:
        return [change for change in self.capabilities if not change.grows]


@dataclass(frozen=True, slots=True)
class Diffed:
    """``hunks`` has an entry for each file of the summary, in its order."""

    summary: DiffSummary
    hunks: list[list[dict[str, Any]]]


def diff_versions(
    old: Analysis,
    new: Analysis,
    files: tuple[Sequence[Pair], int],
    texts: Mapping[str, Text],
) -> Diffed:
    """``files`` are what `changed_pairs` gives, ``texts`` what could be kept of them."""
    pairs, unchanged = files
    compared = compare_files(pairs, unchanged, texts, Budget())
    return Diffed(
        DiffSummary(
            capabilities=capability_changes(old, new),
            files=compared.model_copy(update={"files": tuple(map(_bare, compared.files))}),
            is_of_manifests_alone=not (old.file_count and new.file_count),
        ),
        [_hunks(file) for file in compared.files],
    )


def _bare(file: FileDiff) -> FileDiff:
    text = file.text.model_copy(update={"hunks": ()}) if file.text else None
    return file.model_copy(update={"text": text})


def _hunks(file: FileDiff) -> list[dict[str, Any]]:
    hunks = file.text.hunks if file.text else ()
    return [hunk.model_dump(mode="json", by_alias=True, exclude_defaults=True) for hunk in hunks]

"""Version diff: the capability diff and the file diff, as they are stored."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from foundation.text.diff import DiffBudget
from registry.analysis.diff.capabilities import CapabilityChange, diff_capabilities
from registry.analysis.diff.files import FileDiff, FilePair, FilesDiff, diff_files
from registry.analysis.facts import FileText
from registry.analysis.model import Analysis, Fact
from registry.analysis.source_html import display_length


class DiffSummary(Fact):
    """A version diff without its hunks.

    ``is_manifest_only``: the bytes of one version were never read, so only the manifests could be
    compared.
    """

    capabilities: tuple[CapabilityChange, ...] = ()
    files: FilesDiff
    is_manifest_only: bool = Field(default=False, alias="isOfManifestsAlone")

    @property
    def asks_for_more(self) -> list[CapabilityChange]:
        return [change for change in self.capabilities if change.grows]

    @property
    def other_changes(self) -> list[CapabilityChange]:
        return [change for change in self.capabilities if not change.grows]


@dataclass(frozen=True, slots=True)
class StoredDiff:
    """``hunks`` are those of the summary's files, in the same order, as JSON values.

    They are stored apart, because most readers of a diff need only its summary.
    """

    summary: DiffSummary
    hunks: list[list[dict[str, Any]]]


def diff_versions(
    old: Analysis,
    new: Analysis,
    pairs: Sequence[FilePair],
    unchanged: int,
    texts: Mapping[str, FileText],
) -> StoredDiff:
    """Compare two versions. ``pairs`` and ``unchanged`` come from `pair_files`."""
    files = diff_files(pairs, unchanged, texts, DiffBudget(display_length=display_length))
    summary = DiffSummary(
        capabilities=diff_capabilities(old, new),
        files=files.model_copy(update={"files": tuple(map(_without_hunks, files.files))}),
        is_manifest_only=not (old.file_count and new.file_count),
    )
    return StoredDiff(summary, [_dump_hunks(file) for file in files.files])


def _without_hunks(file: FileDiff) -> FileDiff:
    text = file.text.model_copy(update={"hunks": ()}) if file.text else None
    return file.model_copy(update={"text": text})


def _dump_hunks(file: FileDiff) -> list[dict[str, Any]]:
    hunks = file.text.hunks if file.text else ()
    return [hunk.model_dump(mode="json", by_alias=True, exclude_defaults=True) for hunk in hunks]

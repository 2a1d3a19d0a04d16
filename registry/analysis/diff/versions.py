"""Version diff: the capability diff and the file diff, as they are stored."""

from collections.abc import Mapping, Sequence
from typing import Any

from foundation.text.diff import DiffBudget
from registry.analysis.diff.capabilities import diff_capabilities
from registry.analysis.diff.files import FileDiff, FilePair, diff_files
from registry.analysis.diff.summary import DiffSummary, StoredDiff
from registry.analysis.file_text import FileText
from registry.analysis.model import Analysis
from registry.analysis.source_html import display_length


def diff_versions(
    old: Analysis,
    new: Analysis,
    pairs: Sequence[FilePair],
    unchanged_count: int,
    texts: Mapping[str, FileText],
) -> StoredDiff:
    """Compare two versions. ``pairs`` and ``unchanged_count`` come from `pair_files`."""
    files = diff_files(pairs, unchanged_count, texts, DiffBudget(display_length=display_length))
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

"""File diff: added, removed, renamed and changed files."""

import hashlib

import pytest

from foundation.text.diff import DiffBudget
from registry.analysis.diff.files import (
    MAX_FILES,
    FilesDiff,
    PackagedFile,
    diff_files,
    pair_files,
    select_texts,
)
from registry.analysis.file_text import FileText

pytestmark = pytest.mark.once

Files = dict[str, str]
POEM = "".join(f"A line of the poem, number {number}.\n" for number in range(10))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def kind_of(path: str) -> str:
    return {"md": "markdown", "png": "image"}.get(path.rpartition(".")[2], "text")


def entries(files: Files) -> list[PackagedFile]:
    return [
        PackagedFile(path, kind_of(path), len(text), sha256(text)) for path, text in files.items()
    ]


def diff(old: Files, new: Files) -> FilesDiff:
    pairs, unchanged_count = pair_files(entries(old), entries(new))
    selection = select_texts(pairs, max_bytes=1_000_000)
    texts = {
        sha256(t): FileText(t) for t in [*old.values(), *new.values()] if sha256(t) in selection
    }
    return diff_files(pairs, unchanged_count, texts, DiffBudget())


def summarise(files_diff: FilesDiff) -> list[tuple[str, str, str]]:
    return [(file.status, file.old_path, file.path) for file in files_diff.files]


def test_every_file_is_added_removed_changed_or_unchanged() -> None:
    result = diff({"a.md": "1", "b.md": "2", "c.md": "3"}, {"a.md": "1", "b.md": "4", "d.md": "5"})

    assert summarise(result) == [
        ("changed", "", "b.md"),
        ("removed", "", "c.md"),
        ("added", "", "d.md"),
    ]
    assert (result.counts, result.unchanged) == ({"changed": 1, "removed": 1, "added": 1}, 1)


def test_manifest_comes_last() -> None:
    result = diff({}, {"agent.json": "{}", "z.md": "1"})

    assert [file.path for file in result.files] == ["z.md", "agent.json"]


def test_same_bytes_at_another_path_are_a_rename() -> None:
    (file,) = diff({"a.png": "bytes"}, {"b/a.png": "bytes"}).files

    assert (file.status, file.old_path, file.path, file.text) == (
        "renamed",
        "a.png",
        "b/a.png",
        None,
    )


def test_edited_file_at_another_path_is_a_rename() -> None:
    (file,) = diff({"a.md": POEM}, {"b.md": POEM + "One more.\n"}).files

    assert (file.status, file.old_path, file.path) == ("renamed", "a.md", "b.md")
    assert file.text
    assert (file.text.added, file.text.removed) == (1, 0)


def test_different_files_are_no_rename() -> None:
    result = diff({"a.md": POEM}, {"b.md": "Another.\n" * 10})

    assert summarise(result) == [("removed", "", "a.md"), ("added", "", "b.md")]


def test_empty_files_are_no_rename() -> None:
    assert summarise(diff({"a.md": ""}, {"b.md": ""})) == [
        ("removed", "", "a.md"),
        ("added", "", "b.md"),
    ]


def test_binary_file_has_sizes_and_no_text_diff() -> None:
    (file,) = diff({"a.png": "old"}, {"a.png": "newer"}).files

    assert (file.text, file.old_size, file.size) == (None, 3, 5)


def test_selected_texts_stay_within_the_byte_limit() -> None:
    old = entries({"a.md": "x" * 600, "b.md": "y" * 600})
    new = entries({"a.md": "z" * 400, "b.md": "w" * 400})

    selection = select_texts(pair_files(old, new)[0], max_bytes=1000)

    assert selection == {sha256("x" * 600), sha256("z" * 400)}


def test_files_beyond_the_limit_are_counted() -> None:
    result = diff({}, {f"{number}.md": str(number) for number in range(MAX_FILES + 7)})

    assert (len(result.files), result.not_shown, result.counts) == (MAX_FILES, 7, {"added": 207})

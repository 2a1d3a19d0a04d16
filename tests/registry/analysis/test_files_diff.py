"""Which files came, went, moved and changed."""

import hashlib

import pytest

from registry.analysis.diff.files import (
    MAX_FILES,
    FilesDiff,
    PackagedFile,
    diff_files,
    pair_files,
    select_texts,
)
from registry.analysis.facts import FileText
from registry.analysis.textdiff import Budget

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


def compared(old: Files, new: Files) -> FilesDiff:
    pairs, unchanged = pair_files(entries(old), entries(new))
    wanted = select_texts(pairs, max_bytes=1_000_000)
    texts = {sha256(t): FileText(t) for t in [*old.values(), *new.values()] if sha256(t) in wanted}
    return diff_files(pairs, unchanged, texts, Budget())


def said(found: FilesDiff) -> list[tuple[str, str, str]]:
    return [(file.status, file.old_path, file.path) for file in found.files]


def test_added_removed_changed_and_as_before() -> None:
    found = compared(
        {"a.md": "1", "b.md": "2", "c.md": "3"}, {"a.md": "1", "b.md": "4", "d.md": "5"}
    )

    assert said(found) == [("changed", "", "b.md"), ("removed", "", "c.md"), ("added", "", "d.md")]
    assert (found.counts, found.unchanged) == ({"changed": 1, "removed": 1, "added": 1}, 1)


def test_the_manifest_stands_last() -> None:
    found = compared({}, {"agent.json": "{}", "z.md": "1"})

    assert [file.path for file in found.files] == ["z.md", "agent.json"]


def test_the_same_bytes_elsewhere_are_a_file_that_moved() -> None:
    (file,) = compared({"a.png": "bytes"}, {"b/a.png": "bytes"}).files

    assert (file.status, file.old_path, file.path, file.text) == (
        "renamed",
        "a.png",
        "b/a.png",
        None,
    )


def test_a_file_that_moved_and_was_edited() -> None:
    (file,) = compared({"a.md": POEM}, {"b.md": POEM + "One more.\n"}).files

    assert (file.status, file.old_path, file.path) == ("renamed", "a.md", "b.md")
    assert file.text
    assert (file.text.added, file.text.removed) == (1, 0)


def test_files_that_have_little_in_common_did_not_move() -> None:
    found = compared({"a.md": POEM}, {"b.md": "Another.\n" * 10})

    assert said(found) == [("removed", "", "a.md"), ("added", "", "b.md")]


def test_empty_files_did_not_move() -> None:
    assert said(compared({"a.md": ""}, {"b.md": ""})) == [
        ("removed", "", "a.md"),
        ("added", "", "b.md"),
    ]


def test_of_what_is_no_text_only_the_sizes_are_known() -> None:
    (file,) = compared({"a.png": "old"}, {"a.png": "newer"}).files

    assert (file.text, file.old_size, file.size) == (None, 3, 5)


def test_texts_are_wanted_as_far_as_the_bytes_reach() -> None:
    old = entries({"a.md": "x" * 600, "b.md": "y" * 600})
    new = entries({"a.md": "z" * 400, "b.md": "w" * 400})

    wanted = select_texts(pair_files(old, new)[0], max_bytes=1000)

    assert wanted == {sha256("x" * 600), sha256("z" * 400)}


def test_more_files_than_are_shown_are_counted() -> None:
    found = compared({}, {f"{number}.md": str(number) for number in range(MAX_FILES + 7)})

    assert (len(found.files), found.not_shown, found.counts) == (MAX_FILES, 7, {"added": 207})

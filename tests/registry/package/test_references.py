"""Links in markdown files that lead to no file are warnings."""

import time

import pytest

from registry.package.checks.package import check_package
from registry.package.checks.references import find_references
from registry.package.manifest.categories import CATEGORIES
from tests.support.packages import manifest, read, tarball

pytestmark = pytest.mark.once


def broken(files, **changes):
    package = read(tarball(files, manifest(**changes)))
    findings = check_package(package, claimed_manifest=None, assets=(), categories=CATEGORIES)
    assert {finding.code for finding in findings} <= {"broken_reference"}
    return [(finding.path, finding.line) for finding in findings]


@pytest.mark.parametrize(
    "text",
    [
        "[a](missing.md)",
        "![a](missing.png)",
        "[a](./missing.md#part)",
        "[a](missing.md?x=1 'title')",
        "[a](<missing file.md>)",
        "[a](missing%20file.md)",
        "[a](../missing.md)",
        "[a](../../outside.md)",
        "[a](/docs/missing.md)",
        "[a]: missing.md",
        '<img src="missing.png">',
        "* [a](missing.md)",
        "    text [a](missing.md)",
        "`code` [a](missing.md) `code`",
        "| [a](missing.md) |",
    ],
)
def test_broken_link_is_a_warning(text):
    assert broken({"docs/a.md": f"# Title\ntext\n{text}\n"}) == [("docs/a.md", 3)]


@pytest.mark.parametrize(
    "text",
    [
        "[a](notes.md)",
        "[a](./notes.md#part)",
        "[a](../README.md)",
        "[a](/README.md)",
        "[a](..)",
        "[a](../docs)",
        "[a](../docs/)",
        "[a](#part)",
        "[a]()",
        "[a](https://example.org/x.md)",
        "[a](//example.org/x.md)",
        "[a](mailto:ada@example.org)",
        "![a](data:image/png;base64,AAAA)",
        "[a]({{ link }})",
        # As on pages, which find a file in any letter case and Unicode composition.
        "[a](NOTES.md) [b](../Docs/)",
        "[a](caf\u00e9.md) [b](cafe\u0301.md) [c](caf%C3%A9.md)",
        "[a](file (1).md)",
        "[a](f(1).md)",
        "`[a](missing.md)`",
        "`` ` [a](missing.md) ``",
        "```\n[a](missing.md)\n```",
        "~~~md\n[a](missing.md)\n```\n[a](missing.md)\n~~~",
        "- item\n  ```\n  [a](missing.md)\n  ```",
        "text\n\n    [a](missing.md)\n\ntext",
        "```\n[a](missing.md)",
        "[^1]: note.md",
        "array[index](argument.x",
    ],
)
def test_working_link_or_other_text_passes(text):
    files = {"docs/a.md": text, "docs/f(1).md": "", "docs/file": "", "docs/cafe\u0301.md": ""}

    package = read(tarball(files))
    findings = check_package(package, claimed_manifest=None, assets=(), categories=CATEGORIES)

    assert "broken_reference" not in [finding.code for finding in findings]


def test_link_between_workspace_files_passes():
    text = "[memory](MEMORY.md) [user](USER.md) [lost](LOST.md)\n"

    package = read(tarball({"workspace/AGENTS.md": text}))
    findings = check_package(package, claimed_manifest=None, assets=(), categories=CATEGORIES)

    assert [(f.code, f.message) for f in findings] == [
        ("broken_reference", "The link LOST.md points to no file in the package.")
    ]


def test_repeated_link_is_reported_once_per_file():
    assert broken({"a.md": "[a](x.md)\n[a](x.md)\n[b](y.md)\n", "b.md": "[a](x.md)"}) == [
        ("a.md", 1),
        ("a.md", 3),
        ("b.md", 1),
    ]


@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "](",
        "](<",
        "`",
        "``` ",
        " ",
        "> ",
        "\t",
        "![a](",
        "<a href=",
        "- ",
        "[a]:",
        "](a(",
        "\\",
    ],
)
def test_hostile_text_takes_little_time(piece):
    text = piece * (256 * 1024 // len(piece))
    process_ids = time.process_time()

    find_references("a.md", text, 20_000)
    find_references("a.md", text.replace(" ", "\n"), 20_000)

    assert time.process_time() - process_ids < 2

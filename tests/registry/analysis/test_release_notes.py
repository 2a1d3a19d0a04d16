"""Extract the section of a changelog about one version."""

import pytest

from registry.analysis.release_notes import extract_release_notes, extract_section

pytestmark = pytest.mark.once

CHANGELOG = """# Changelog

## [Unreleased]

- Coming.

## [1.2.0] - 2026-11-01

### Added

- A thing.

## [1.2.0-beta.1] - 2026-10-01

- Early.

## v1.1.0 (2026-09-01)

- Older.
"""


@pytest.mark.parametrize(
    ("number", "notes"),
    [
        ("1.2.0", "### Added\n\n- A thing."),
        ("1.2.0-beta.1", "- Early."),
        ("1.1.0", "- Older."),
        ("1.0.0", ""),
        ("2.0", ""),
    ],
)
def test_section_ends_at_the_next_heading_of_its_level(number: str, notes: str) -> None:
    assert extract_section(CHANGELOG, number) == notes


@pytest.mark.parametrize(
    "heading",
    [
        "# 1.2.0",
        "#### 1.2.0 ####",
        "## Version 1.2.0, the big one",
        "## [v1.2.0](https://example.org/compare/1.1.0...1.2.0)",
        "## 2026-11-01: 1.2.0.",
        "1.2.0\n=====",
        "v1.2.0\n---",
    ],
)
def test_common_headings_name_their_version(heading: str) -> None:
    assert extract_section(f"Words.\n\n{heading}\n\nNew.\n", "1.2.0") == "New."


@pytest.mark.parametrize(
    "heading",
    [
        "## 11.2.0",
        "## 1.2.0.1",
        "## 1.2.0-rc.1",
        "## 1.2.0+build",
        "It came with 1.2.0, which many people had asked for",
        "```\n## 1.2.0\n```",
        "<!--\n## 1.2.0\n-->",
        "## [1.3.0](https://example.org/compare/1.2.0...1.3.0)",
    ],
)
def test_similar_text_does_not_name_the_version(heading: str) -> None:
    assert extract_section(f"{heading}\n\nNew.\n", "1.2.0") == ""


SEMANTIC_RELEASE = """## [1.1.1](https://example.org/compare/v1.1.0...v1.1.1) (2026-03-02)

### Bug Fixes

* fix B

# [1.1.0](https://example.org/compare/v1.0.1...v1.1.0) (2026-03-01)

### Features

* feature A

## [1.0.1](https://example.org/compare/v1.0.0...v1.0.1) (2026-02-01)

* fix from 1.0.1

# 1.0.0 (2026-01-01)

* first
"""


@pytest.mark.parametrize(
    ("number", "notes"),
    [
        ("1.1.1", "### Bug Fixes\n\n* fix B"),
        ("1.1.0", "### Features\n\n* feature A"),
        ("1.0.1", "* fix from 1.0.1"),
        ("1.0.0", "* first"),
    ],
)
def test_section_ends_at_another_version_of_any_level(number: str, notes: str) -> None:
    assert extract_section(SEMANTIC_RELEASE, number) == notes


def test_heading_that_mentions_another_version_ends_nothing() -> None:
    changelog = (
        "## 1.3.0\n\n### Upgrading from 1.2.0\n\nDelete it.\n\n## Since 1.2.0\n\nMore.\n\n"
        "### 2.5 times faster\n\n## 1.2.0\n\n- The notes of 1.2.0\n"
    )

    assert extract_section(changelog, "1.2.0") == "- The notes of 1.2.0"
    newest = extract_section(changelog, "1.3.0")
    assert newest.startswith("### Upgrading from 1.2.0")
    assert newest.endswith("### 2.5 times faster")


def test_section_ends_at_a_title_without_a_version() -> None:
    assert extract_section("## 1.2.0\n\nNew.\n\n## About\n\nWords.\n", "1.2.0") == "New."


def test_heading_with_a_name_before_the_version_is_used_if_no_other_is() -> None:
    assert extract_section("## Coach 1.2.0\n\nNew.\n", "1.2.0") == "New."
    assert extract_section("## Coach 1.2.0\n\nA.\n\n## 1.2.0\n\nB.\n", "1.2.0") == "B."


def test_windows_line_ends_are_accepted() -> None:
    assert extract_section("## 1.2.0\r\n\r\n- A\r\n- B\r\n", "1.2.0") == "- A\n- B"


def test_changelog_is_at_the_root_in_any_letter_case() -> None:
    assert extract_release_notes({"ChangeLog.MD": "# 1.0.0\n\nA\n"}, "1.0.0") == "A"
    assert extract_release_notes({"CHANGELOG.md": "# 1.0.0\n\nA\n"}, "1.0.0+build.5") == "A"
    assert extract_release_notes({"docs/CHANGELOG.md": "# 1.0.0\n\nA\n"}, "1.0.0") == ""


# Of each style two versions: of 1.2.0, and of the one before.
STYLES = {
    "reStructuredText": "News\n~~~~\n\n1.2.0 (a)\n~~~~~~~~~\n\nNew.\n\n1.1.0\n~~~~~\n\nOld.",
    "overline": "-----\n1.2.0\n-----\n\nNew.\n\n-----\n1.1.0\n-----\n\nOld.",
    "long date first": "## Nov 1, 2026 — v1.2.0\n\nNew.\n\n## 1 May 2026 — v1.1.0\n\nOld.",
    "other date first": "## 2026/11/01 v1.2.0\n\nNew.\n\n## [2026-10-01] 1.1.0\n\nOld.",
    "same words": "## Migrating to 1.2.0\n\nNew.\n\n## Migrating to 1.1.0\n\nOld.",
    "name": "## Coach 1.2.0\n\nNew.\n\n## Coach 1.1.0\n\nOld.",
    "tag": "## coach-v1.2.0\n\nNew.\n\n## coach-v1.1.0\n\nOld.",
    "emoji": "## 🚀 1.2.0\n\nNew.\n\n## :bug: 1.1.0\n\nOld.",
    "Chinese": "## 版本 1.2.0（2026-11-01）\n\nNew.\n\n## 版本 1.1.0\n\nOld.",
    "short": "## 1.2\n\nNew.\n\n## 1.1\n\nOld.",
    "HTML": '<h2 id="v120">Version 1.2.0 <small>x</small></h2>\nNew.\n\n<h2>1.1.0</h2>\nOld.',
    "details": "<details><summary>1.2.0</summary>\n\nNew.\n\n</details>\n"
    "\n<details><summary>1.1.0</summary>\n\nOld.\n\n</details>",
    "bold": "**1.2.0** (2026-11-01)\n\nNew.\n\n**1.1.0**\n\nOld.",
    "list": "- 1.2.0\n  New.\n- 1.1.0\n  Old.",
    "one line": "* **1.2.0** - New.\n* **1.1.0** - Old.",
    "plain lines": "v1.2.0\nNew.\n\nv1.1.0\nOld.",
    "no blank": "##1.2.0\n\nNew.\n\n##1.1.0\n\nOld.",
    "rule": "## 1.2.0\nNew.\n---\n## 1.1.0\nOld.\n---",
    "commented template": "<!--\n## 1.2.0\nTitle\n-->\n\n## 1.2.0\n\nNew.\n\n## 1.1.0\nOld.",
}


@pytest.mark.parametrize("style", STYLES)
def test_notes_are_found_in_each_style(style: str) -> None:
    assert extract_section(f"{STYLES[style]}\n", "1.2.0") == "New."
    assert "New." not in extract_section(f"{STYLES[style]}\n", "1.1.0")
    assert "Old." in extract_section(f"{STYLES[style]}\n", "1.1.0")


def test_notes_in_a_table_are_its_row_with_the_head() -> None:
    table = "| Version | Changes |\n|---|---|\n| 1.2.0 | New. |\n| 1.1.0 | Old. |\n"

    assert extract_section(f"# Changes\n\n{table}", "1.1.0") == (
        "| Version | Changes |\n|---|---|\n| 1.1.0 | Old. |"
    )

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
        "1.2.0",
        "```\n## 1.2.0\n```",
        "## [1.3.0](https://example.org/compare/1.2.0...1.3.0)",
    ],
)
def test_similar_text_does_not_name_the_version(heading: str) -> None:
    assert extract_section(f"{heading}\n\nNew.\n", "1.2.0") == ""


def test_windows_line_ends_are_accepted() -> None:
    assert extract_section("## 1.2.0\r\n\r\n- A\r\n- B\r\n", "1.2.0") == "- A\n- B"


def test_changelog_is_at_the_root_in_any_letter_case() -> None:
    assert extract_release_notes({"ChangeLog.MD": "# 1.0.0\n\nA\n"}, "1.0.0") == "A"
    assert extract_release_notes({"docs/CHANGELOG.md": "# 1.0.0\n\nA\n"}, "1.0.0") == ""
